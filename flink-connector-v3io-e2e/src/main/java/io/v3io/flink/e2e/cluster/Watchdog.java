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

package io.v3io.flink.e2e.cluster;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Kills this JVM's processes when the JVM is gone. That covers what no shutdown hook does: its own
 * {@code kill -9}, and the halt of a test JVM whose Maven has ended. It is a shell that is told of
 * every process, and whose standard input ends with the JVM. It can be used by several threads.
 */
final class Watchdog {

    /**
     * Ctrl-C at a terminal is for all processes of it, but the watchdog has still to do its work.
     */
    private static final String SCRIPT =
            """
            trap '' INT TERM HUP
            pids=' '
            while read -r sign pid; do
                case $sign in
                    +) pids="$pids$pid " ;;
                    -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
                esac
            done
            kill -9 $pids 2>/dev/null
            """;

    private static final Watchdog INSTANCE = new Watchdog();

    private final ProcessHandle shell;

    /** Kept open as long as this process lives. */
    private final BufferedWriter input;

    private Watchdog() {
        try {
            Process process =
                    new ProcessBuilder("sh", "-c", SCRIPT)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            shell = process.toHandle();
            input = process.outputWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a process is the watchdog, which ends only with this JVM. */
    static boolean is(ProcessHandle process) {
        return INSTANCE.shell.equals(process);
    }

    static void watch(Process process) {
        INSTANCE.tell('+', process);
    }

    /** To be called when it has ended, and before its process id can be another's. */
    static void forget(Process process) {
        INSTANCE.tell('-', process);
    }

    private void tell(char sign, Process process) {
        synchronized (input) {
            try {
                input.write(sign + " " + process.pid() + "\n");
                input.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
