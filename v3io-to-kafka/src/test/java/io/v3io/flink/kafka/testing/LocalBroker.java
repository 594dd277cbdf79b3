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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Runs a broker until it is stopped, for trying things out: {@code DIRECTORY PORT}. */
final class LocalBroker {

    private LocalBroker() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            System.err.println("Usage: local-broker DIRECTORY PORT");
            System.exit(2);
        }
        Path folder = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
        KafkaBroker broker = KafkaBroker.start(folder, Integer.parseInt(args[1]));
        System.out.println("Kafka broker listening on " + broker.address());
        // Until somebody ends this process, which ends the broker.
        new CountDownLatch(1).await();
    }
}
