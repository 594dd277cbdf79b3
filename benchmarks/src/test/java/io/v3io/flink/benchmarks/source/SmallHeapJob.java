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

package io.v3io.flink.benchmarks.source;

/** Reads so many records from an endpoint and says so. */
final class SmallHeapJob {

    static final String READ = "records read: ";

    private SmallHeapJob() {}

    public static void main(String[] args) throws Exception {
        CountingJob.Round unused =
                CountingJob.ofRecords(0, Long.parseLong(args[1]), null)
                        .run(CountingJob.v3ioSource(args[0]));
        System.out.println(READ + CountingSink.count());
        // Not by itself: a Flink that ran here may have left a thread.
        System.exit(0);
    }
}
