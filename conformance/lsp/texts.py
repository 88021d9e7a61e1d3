"""Configuration files of 3,000 lines to measure with: what users have, in both dialects, and misspelt."""
import random

LINES = 3000
# Values that a user could write, by the option's type.
VALUES = {
    "Boolean": ["true", "false"], "Integer": ["8", "1024"], "Long": ["60000", "1048576"], "Float": ["0.4", "0.75"],
    "Double": ["0.4", "1.5"], "Duration": ["30 s", "5 min"], "MemorySize": ["64 mb", "2 gb"], "Map": ["team:search"],
    "String": ["prod", "/opt/flink/data", "hdfs://namenode:8020/flink"], "List": ["a;b"],
}
# Keys that no release lists, but reads by prefix.
OWN = [
    ("metrics.reporter.r{}.interval", "10 s"), ("containerized.master.env.VARIABLE_{}", "value"),
    ("s3.bucket.b{}.endpoint", "http://minio:9000"), ("kubernetes.jobmanager.labels.team-{}", "search"),
]


def entries(options, own_count):
    """The options of a release with a value each, by key, among so many keys that it does not list."""
    pairs = {}
    for index, option in enumerate(options):
        values = option["enum"] or VALUES.get(option["type"].split("<")[0], VALUES["String"])
        if option["place"] == "file" and not option["deprecated"]:
            pairs[option["key"]] = values[index % len(values)]
    for number in range(own_count):
        key, value = OWN[number % len(OWN)]
        pairs[key.format(number)] = value
    return sorted(pairs.items())


def quoted(value):
    """As YAML has it; without quotes where they are not needed."""
    return f"'{value}'" if value[:1] in "$*&!%@`{[" or ": " in value or " #" in value or not value else value


def legacy(pairs):
    """The lines of a `flink-conf.yaml`, each section with a comment; and the key that each line sets."""
    section = None
    for key, value in pairs:
        first = key.split(".")[0]
        if first != section:
            yield from [("", None), (f"# {first}", None)]
            section = first
        yield f"{key}: {value}", key


def dotted(pairs):
    """The same for a `config.yaml` with each key in full."""
    return legacy((key, quoted(value)) for key, value in pairs)


def nested(pairs):
    """The same for a `config.yaml` with a map for each segment."""
    tree = {}
    for key, value in pairs:
        at, segments = tree, key.split(".")
        # Below a key that has a value of its own, the rest stays dotted.
        while len(segments) > 1 and isinstance(at.setdefault(segments[0], {}), dict):
            at = at[segments.pop(0)]
        at[".".join(segments)] = key, quoted(value)
    return below(tree, "")


def below(tree, indentation):
    for part, value in tree.items():
        if isinstance(value, dict):
            yield f"{indentation}{part}:", None
            yield from below(value, indentation + "  ")
        else:
            key, text = value
            yield f"{indentation}{part}: {text}", key


def misspelt(key, randomness):
    """A key whose last segment has two letters swapped, one too many or one too few."""
    start = key.rfind(".") + 1
    at = randomness.randrange(start, len(key) - 1) if len(key) - start > 1 else start
    return randomness.choice([
        key[:at] + key[at + 1:at + 2] + key[at] + key[at + 2:], key[:at] + key[at] + key[at:], key[:at] + key[at + 1:]])


def with_typos(pairs, count, known):
    """`count` options misspelt, some more than once if there are fewer; and the key that is meant by each."""
    randomness = random.Random(7)
    options = [(key, value) for key, value in pairs if key in known and len(key.split(".")[-1]) > 5]
    randomness.shuffle(options)
    meant = {}
    while len(meant) < count:
        key, value = options[len(meant) % len(options)]
        typo = misspelt(key, randomness)
        if typo not in known and typo not in meant:
            meant[typo] = key, value
    replaced = {key for key, _ in meant.values()}
    kept = [(key, value) for key, value in pairs if key not in replaced]
    return sorted(kept + [(typo, value) for typo, (_, value) in meant.items()]), {
        typo: key for typo, (key, _) in meant.items()}


def text(render, options, typo_count=0):
    """A file of 3,000 lines with so many typos; and by line number, what the line is meant to be."""
    known = {key for option in options for key in [option["key"], *option["deprecated_keys"], *option["fallback_keys"]]}
    own_count = LINES
    while True:
        pairs, meant = with_typos(entries(options, own_count), typo_count, known)
        lines = list(render(pairs))
        if len(lines) <= LINES or own_count == 0:
            break
        own_count = max(0, own_count - max(1, (len(lines) - LINES) // 2))
    lines = (lines + [("#", None)] * LINES)[:LINES]
    intended = {}
    for number, (line, key) in enumerate(lines):
        if key in meant:
            # A typo is in the last segment, so what stands before it is the same.
            typo, right = key.split(".")[-1], meant[key].split(".")[-1]
            intended[number] = line.replace(f"{typo}:", f"{right}:", 1)
    return "".join(f"{line}\n" for line, _ in lines), intended
