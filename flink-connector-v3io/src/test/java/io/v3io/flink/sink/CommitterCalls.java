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

package io.v3io.flink.sink;

import io.v3io.flink.sink.state.Epoch;

import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.metrics.groups.SinkCommitterMetricGroup;

import java.util.OptionalLong;

/** What Flink hands to a committer. */
final class CommitterCalls {

    private CommitterCalls() {}

    /** A request to commit one epoch. */
    static final class Request implements Committer.CommitRequest<Epoch> {

        private final Epoch epoch;
        boolean alreadyCommitted;

        Request(Epoch epoch) {
            this.epoch = epoch;
        }

        @Override
        public Epoch getCommittable() {
            return epoch;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable t) {
            throw new AssertionError(t);
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable t) {
            throw new AssertionError(t);
        }

        @Override
        public void retryLater() {
            throw new AssertionError("A commit waits itself.");
        }

        @Override
        public void updateAndRetryLater(Epoch committable) {
            throw new AssertionError("A commit waits itself.");
        }

        @Override
        public void signalAlreadyCommitted() {
            alreadyCommitted = true;
        }
    }

    /** The context of a committer, which may have been restored from a checkpoint. */
    record Context(OptionalLong restored, SinkCommitterMetricGroup metricGroup)
            implements CommitterInitContext {

        @Override
        public OptionalLong getRestoredCheckpointId() {
            return restored;
        }

        @Override
        public JobInfo getJobInfo() {
            throw new UnsupportedOperationException();
        }

        @Override
        public TaskInfo getTaskInfo() {
            return new TaskInfoImpl("committer", 1, 0, 1, 0);
        }
    }
}
