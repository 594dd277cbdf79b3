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

package io.v3io.flink.kafka.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One broker for all tests of this JVM, which take topics of their own. It ends with the JVM. */
public final class SharedBroker {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private SharedBroker() {}

    /** The one broker of this JVM, started by the first call. */
    public static KafkaBroker get() {
        return Holder.BROKER;
    }

    /** A name that no other test has, for topics and mirrors. */
    public static String newName(String beginning) {
        return beginning + "-" + NAMES.incrementAndGet();
    }

    private static final class Holder {

        private static final KafkaBroker BROKER = start();

        private static KafkaBroker start() {
            try {
                Path folder = Files.createTempDirectory("v3io-to-kafka-broker");
                KafkaBroker broker = KafkaBroker.start(folder);
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(() -> end(broker, folder), "end-of-tests"));
                return broker;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static void end(KafkaBroker broker, Path folder) {
            broker.kill();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
