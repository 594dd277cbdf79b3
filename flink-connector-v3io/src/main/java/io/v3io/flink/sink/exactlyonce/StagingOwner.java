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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.model.StreamPath;

import org.apache.flink.api.connector.sink2.WriterInitContext;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * Whose staged objects these are.
 *
 * @param operator names the sink within its job, and what it writes to
 * @param submission names the submission of the job
 * @param subtask index of the writer
 * @param lineage of this attempt
 */
record StagingOwner(String operator, String submission, int subtask, long lineage) {

    /** Flink's name for it among the variables of a metric group. */
    private static final String OPERATOR_ID = "<operator_id>";

    private static final int OPERATOR_BYTES = 8;
    private static final int SUBMISSION_BYTES = 16;

    /**
     * The attempt that has this context.
     *
     * @param streams what the sink writes to
     * @param build names the sink as it was built, which was done once for a submission
     */
    static StagingOwner of(
            WriterInitContext context, List<StreamPath> streams, UUID build, long lineage) {
        String id = context.metricGroup().getAllVariables().get(OPERATOR_ID);
        if (id == null) {
            throw new IllegalStateException(
                    "Flink's metrics do not name the operator (" + OPERATOR_ID + ").");
        }
        MessageDigest digest = sha256();
        digest.update(id.getBytes(StandardCharsets.UTF_8));
        streams.stream()
                .map(StreamPath::toString)
                .sorted()
                .forEach(s -> digest.update(("\n" + s).getBytes(StandardCharsets.UTF_8)));
        MessageDigest submission = sha256();
        submission.update(context.getJobInfo().getJobId().getBytes());
        submission.update(build.toString().getBytes(StandardCharsets.UTF_8));
        return new StagingOwner(
                HexFormat.of().formatHex(digest.digest(), 0, OPERATOR_BYTES),
                HexFormat.of().formatHex(submission.digest(), 0, SUBMISSION_BYTES),
                context.getTaskInfo().getIndexOfThisSubtask(),
                lineage);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
