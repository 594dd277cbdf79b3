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

package io.v3io.flink.e2e.audit;

/** What the audits of many runs add up to. Not thread-safe. */
public final class AuditTotals {

    private int runs;
    private long records;
    private long lost;
    private long duplicated;
    private long reordered;

    /** One more run was done to its end. */
    public void countRun() {
        runs++;
    }

    public void add(AuditReport report) {
        records += report.records();
        lost += report.lost().size();
        duplicated += report.duplicated().size();
        reordered += report.reordered().size();
    }

    /** Whether nothing was found in any run. */
    public boolean isClean() {
        return lost == 0 && duplicated == 0 && reordered == 0;
    }

    /**
     * One line about all runs.
     *
     * @param command begins it
     */
    public String summary(String command) {
        return "%s: %d runs, %d records, %d lost, %d duplicated, %d reordered"
                .formatted(command, runs, records, lost, duplicated, reordered);
    }
}
