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

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class OtherLoadTest {

    @TempDir private Path proc;

    @BeforeEach
    void twoProcesses() throws IOException {
        machine("1000 100 500 9000 7 0 50 0 33 0");
        process(41, "(java) S 1 2 3 4 5 6 7 8 9 10 100 50 20 5 20");
        process(42, "(a (bad) name) S 1 2 3 4 5 6 7 8 9 10 10 10 0 0 20");
    }

    @Test
    void whatOthersTakeIsWhatTheMachineDidWithoutOurProcesses() throws IOException {
        OtherLoad load = new OtherLoad(proc, () -> LongStream.of(41, 42));
        // 100 of user, 20 of nice, 60 of system, 20 stolen; 200 of idle, 100 of interrupts.
        machine("1100 120 560 9200 7 0 150 20 99 0");
        process(41, "(java) S 1 2 3 4 5 6 7 8 9 10 140 60 20 5 20");
        process(42, "(a (bad) name) S 1 2 3 4 5 6 7 8 9 10 20 10 40 0 20");

        assertThat(load.next().getAsDouble()).isCloseTo(100.0 / 500, within(1e-9));
    }

    @Test
    void timeOfAChildThatHasEndedIsItsParents() throws IOException {
        OtherLoad load = new OtherLoad(proc, () -> LongStream.of(41, 42));
        machine("1030 100 500 9070 7 0 50 0 33 0");
        process(41, "(java) S 1 2 3 4 5 6 7 8 9 10 110 50 50 5 20");
        Files.delete(proc.resolve("42").resolve("stat"));

        // 10 of its own and 30 of the child, which had taken 20 of them before.
        assertThat(load.next().getAsDouble()).isCloseTo(10.0 / 100, within(1e-9));
    }

    @Test
    void eachCallCountsFromTheOneBefore() throws IOException {
        OtherLoad load = new OtherLoad(proc, LongStream::empty);
        machine("1100 100 500 9000 7 0 50 0 33 0");
        assertThat(load.next().getAsDouble()).isCloseTo(1, within(1e-9));
        machine("1100 100 500 9100 7 0 50 0 33 0");
        assertThat(load.next().getAsDouble()).isZero();
    }

    @Test
    void aMachineThatDoesNotTellHasAnUnknownLoad() throws IOException {
        OtherLoad load = new OtherLoad(proc.resolve("none"), LongStream::empty);
        assertThat(load.next()).isEmpty();
    }

    private void machine(String columns) throws IOException {
        Files.writeString(proc.resolve("stat"), "cpu  " + columns + "\ncpu0 1 2 3\n");
    }

    private void process(long pid, String rest) throws IOException {
        Path folder = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(folder.resolve("stat"), pid + " " + rest);
    }
}
