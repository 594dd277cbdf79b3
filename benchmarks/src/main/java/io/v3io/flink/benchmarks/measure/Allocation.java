package io.v3io.flink.benchmarks.measure;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;

/** Heap that the threads of this process have allocated. */
public final class Allocation {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** By all threads that live; so between two looks none of those that matter may end. */
    public static long bytes() {
        long bytes = 0;
        for (long allocated : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            bytes += Math.max(0, allocated);
        }
        return bytes;
    }
}
