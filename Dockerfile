# docker build -t slotwise . && docker run --rm -v "$PWD:/work:ro" slotwise
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# Dependencies change seldom; built on their own they are built once.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && for bench in cache rocksdb plan check catalog; do echo 'fn main() {}' > "benches/$bench.rs"; done \
    && cargo build --release --locked --bin slotwise
COPY src src
COPY fixtures/workloads fixtures/workloads
RUN touch src/main.rs src/lib.rs \
    && cargo build --release --locked --bin slotwise

# The C library and nothing else: no shell, no package manager, and a user without rights.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/slotwise /usr/local/bin/slotwise
WORKDIR /work
ENTRYPOINT ["slotwise"]
CMD ["check", "."]
