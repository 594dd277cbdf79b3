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

package io.v3io.flink.benchmarks.kafka;

import java.io.IOException;

/**
 * The broker's process. It ends with its standard input, so it never outlives who has started it,
 * not even one that is killed.
 */
final class MeasuredBrokerProcess {

    private MeasuredBrokerProcess() {}

    public static void main(String[] args) throws IOException {
        // Nobody reads what it prints; a pipe that is full would stop it.
        System.setOut(System.err);
        // Returns only when the broker has ended.
        new Thread(() -> kafka.Kafka.main(args), "broker").start();
        byte[] unused = System.in.readAllBytes();
        System.exit(0);
    }
}
