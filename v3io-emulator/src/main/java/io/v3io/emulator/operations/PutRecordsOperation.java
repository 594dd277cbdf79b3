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

import io.v3io.emulator.Dialect;
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
import java.util.function.Supplier;

/** PutRecords: API page section 3. */
final class PutRecordsOperation {
    private static final int BYTES_PER_RESULT = 48;

    private static final PutOutcome UNFIT = PutOutcome.Failed.of(ApiError.INVALID_ARGUMENT);

    private final StreamResolver resolver;
    private final Supplier<Dialect> dialect;

    PutRecordsOperation(StreamResolver resolver, Supplier<Dialect> dialect) {
        this.resolver = resolver;
        this.dialect = dialect;
    }

    /**
     * Stores the records.
     *
     * @param plan says which of them fail before they get to their shards, and whether all are
     *     stored twice
     */
    CompletableFuture<Response> put(Request request, FaultPlan plan) {
        PutRecordsParser.PutRecordsBody body =
                PutRecordsParser.parse(request.body(), dialect.get());
        Stream stream = resolver.stream(request, body.streamName(), ApiError.RESOURCE_NOT_FOUND);
        PutOutcome[] outcomes = new PutOutcome[body.records().size()];
        List<NewRecord> passed = new ArrayList<>(outcomes.length);
        for (int i = 0; i < outcomes.length; i++) {
            NewRecord put = body.records().get(i);
            if (plan.action() instanceof FaultAction.FailRecords injected
                    && plan.failedRecords().test(i)) {
                outcomes[i] =
                        new PutOutcome.Failed(
                                ApiError.codeOf(injected.errorMessage()), injected.errorMessage());
            } else if (put == null) {
                outcomes[i] = UNFIT;
            } else {
                passed.add(put);
            }
        }
        boolean twice = plan.action() == FaultAction.Simple.DUPLICATE;
        return stream.append(passed, twice).thenApply(stored -> answer(outcomes, stored));
    }

    /**
     * The answer.
     *
     * @param outcomes null where the record was passed on
     * @param stored what became of those that were
     */
    private static Response answer(PutOutcome[] outcomes, List<PutOutcome> stored) {
        StringBuilder records = new StringBuilder(outcomes.length * BYTES_PER_RESULT);
        Iterator<PutOutcome> ofPassed = stored.iterator();
        int failures = 0;
        for (PutOutcome outcome : outcomes) {
            PutOutcome result = outcome == null ? ofPassed.next() : outcome;
            if (result instanceof PutOutcome.Stored record) {
                appendStored(records, record);
            } else if (result instanceof PutOutcome.Failed failure) {
                failures++;
                appendFailure(records, failure.errorCode(), failure.errorMessage());
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
