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

package io.v3io.emulator.operations;

import io.v3io.emulator.FaultAction;
import io.v3io.emulator.faults.FaultPlan;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.store.NewRecord;
import io.v3io.emulator.store.PutOutcome;
import io.v3io.emulator.store.Stream;

import com.fasterxml.jackson.databind.node.TextNode;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** PutRecords: API page section 3. */
final class PutRecordsOperation {
    private static final int BYTES_PER_RESULT = 48;

    private final StreamResolver resolver;

    PutRecordsOperation(StreamResolver resolver) {
        this.resolver = resolver;
    }

    /**
     * Stores the records.
     *
     * @param plan says which of them fail before they get to their shards
     */
    CompletableFuture<Response> put(Request request, FaultPlan plan) {
        PutRecordsParser.PutRecordsBody body = PutRecordsParser.parse(request.body());
        Stream stream =
                resolver.stream(request, body.streamName(), ApiError.RESOURCE_IS_NOT_STREAM);
        if (!(plan.action() instanceof FaultAction.FailRecords injected)) {
            return stream.append(body.records()).thenApply(PutRecordsOperation::answer);
        }
        List<NewRecord> passed = new ArrayList<>();
        boolean[] failed = new boolean[body.records().size()];
        for (int i = 0; i < failed.length; i++) {
            failed[i] = plan.failedRecords().test(i);
            if (!failed[i]) {
                passed.add(body.records().get(i));
            }
        }
        return stream.append(passed)
                .thenApply(outcomes -> answer(outcomes, failed, injected.errorMessage()));
    }

    private static Response answer(List<PutOutcome> outcomes) {
        return answer(outcomes, new boolean[outcomes.size()], "");
    }

    private static Response answer(
            List<PutOutcome> outcomes, boolean[] failed, String injectedError) {
        StringBuilder records = new StringBuilder(failed.length * BYTES_PER_RESULT);
        Iterator<PutOutcome> outcome = outcomes.iterator();
        int failures = 0;
        for (boolean injected : failed) {
            if (injected) {
                failures++;
                appendFailure(records, ApiError.codeOf(injectedError), injectedError);
                continue;
            }
            PutOutcome next = outcome.next();
            if (next instanceof PutOutcome.Stored stored) {
                appendStored(records, stored);
            } else if (next instanceof PutOutcome.Failed failure) {
                failures++;
                appendFailure(records, failure.error().code(), failure.error().symbolicName());
            }
        }
        records.setLength(Math.max(0, records.length() - 1));
        return Response.text(
                200,
                "application/json",
                "{\"FailedRecordCount\":" + failures + ",\"Records\":[" + records + "]}");
    }

    private static void appendStored(StringBuilder records, PutOutcome.Stored stored) {
        records.append("{\"SequenceNumber\":")
                .append(stored.sequenceNumber())
                .append(",\"ShardId\":")
                .append(stored.shardId())
                .append("},");
    }

    private static void appendFailure(StringBuilder records, int code, String message) {
        records.append("{\"ErrorCode\":")
                .append(code)
                .append(",\"ErrorMessage\":")
                .append(TextNode.valueOf(message))
                .append("},");
    }
}
