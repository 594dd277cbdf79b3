/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.benchmarks.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * The part of the machine's CPU time that goes to neither this process nor the ones that it has
 * started, and so disturbs what is measured. Linux tells it; elsewhere it is unknown.
 *
 * <p>Interrupts are left out: what the loopback network does for us is among them.
 */
public final class OtherLoad {

    // Columns of the line "cpu" of /proc/stat, after its name; all in ticks.
    private static final List<Integer> BUSY = List.of(0, 1, 2, 7);
    private static final int ALL_COLUMNS = 8;

    // Columns of /proc/<pid>/stat after the name of the process: of itself, then of children that
    // have ended and been waited for.
    private static final int FIRST_CPU_COLUMN = 11;
    private static final int CPU_COLUMNS = 4;

    private final Path proc;
    private final Supplier<LongStream> ours;
    private Ticks begin;

    private record Ticks(long busy, long all, long ours) {}

    OtherLoad(Path proc, Supplier<LongStream> ours) throws IOException {
        this.proc = proc;
        this.ours = ours;
        this.begin = look();
    }

    /** Begins to count. */
    public static OtherLoad start() throws IOException {
        return new OtherLoad(Path.of("/proc"), OtherLoad::processes);
    }

    private static LongStream processes() {
        return Stream.concat(
                        Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
                .mapToLong(ProcessHandle::pid);
    }

    /**
     * What others have taken since the last call, or since the start, as a part of what all
     * processors together could give, 0 to 1; empty if the machine does not tell.
     */
    public OptionalDouble next() throws IOException {
        Ticks end = look();
        Ticks last = begin;
        begin = end;
        if (last == null || end == null || end.all == last.all) {
            return OptionalDouble.empty();
        }
        double others = (end.busy - last.busy) - (end.ours - last.ours);
        return OptionalDouble.of(Math.max(0, others / (end.all - last.all)));
    }

    private Ticks look() throws IOException {
        Path stat = proc.resolve("stat");
        if (!Files.isReadable(stat)) {
            return null;
        }
        String[] columns =
                Files.readAllLines(stat, ISO_8859_1)
                        .get(0)
                        .replaceFirst("cpu +", "")
                        .split(" ", -1);
        long all = 0;
        for (int i = 0; i < Math.min(ALL_COLUMNS, columns.length); i++) {
            all += Long.parseLong(columns[i]);
        }
        long busy = BUSY.stream().mapToLong(column -> Long.parseLong(columns[column])).sum();
        return new Ticks(busy, all, ours.get().map(this::ticks).sum());
    }

    /** 0 for a process that has ended: its parent has its time then. */
    private long ticks(long pid) {
        String line;
        try {
            line = Files.readString(proc.resolve(Long.toString(pid)).resolve("stat"), ISO_8859_1);
        } catch (IOException e) {
            return 0;
        }
        // The name may have spaces and parentheses.
        String[] columns = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int i = 0; i < CPU_COLUMNS; i++) {
            ticks += Long.parseLong(columns[FIRST_CPU_COLUMN + i]);
        }
        return ticks;
    }
}
