/** As {@link Memory}, for processes that YARN or Kubernetes starts: legacy heap keys mean the whole process. */
public final class MemoryActive extends Memory {
    @Override
    String legacyTaskManagerHeap() {
        return "TOTAL_PROCESS_MEMORY";
    }

    @Override
    boolean startedByScript() {
        return false;
    }

    @Override
    String legacyJobManagerHeap() {
        return "TOTAL_PROCESS_MEMORY";
    }
}
