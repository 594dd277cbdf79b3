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

package io.v3io.emulator.admin;

import io.v3io.emulator.Fault;
import io.v3io.emulator.FaultAction;
import io.v3io.emulator.Operation;
import io.v3io.emulator.protocol.ApiException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Faults as JSON: an array, or an object with {@code faults} and an optional {@code seed}.
 *
 * <pre>{@code
 * {"seed": 7, "faults": [
 *   {"operation": "GetRecords", "action": "respond", "status": 503, "contentType": "text/html", "body": "busy", "times": 3},
 *   {"operation": "PutRecords", "action": "failRecords", "errorMessage": "ProvisionedThroughputExceeded", "probability": 0.1},
 *   {"operation": "PutRecords", "action": "failRecords", "errorMessage": "X", "positions": [0, 2]},
 *   {"operation": "any", "path": "users/me/words", "action": "latency", "millis": 20},
 *   {"operation": "Seek", "action": "throttle", "retryAfterSeconds": 1, "skip": 5},
 *   {"operation": "PutRecords", "action": "landLate", "millis": 1500},
 *   {"operation": "PutRecords", "action": "resetAfter"}
 * ]}
 * }</pre>
 *
 * <p>Actions without fields of their own: {@code resetBefore}, {@code resetAfter}, {@code cutBody},
 * {@code killLocation}, {@code never}, {@code duplicate}. Every fault may have {@code operation}
 * (default {@code any}), {@code path}, {@code probability}, {@code skip} and {@code times}. Unknown
 * fields are refused, because a misspelt one would make a fault that does something else.
 */
public final class FaultJson {
    private static final Set<String> COMMON =
            Set.of("operation", "path", "action", "probability", "skip", "times");

    private FaultJson() {}

    /**
     * Understands faults.
     *
     * @throws ApiException invalid argument, saying which fault is wrong
     */
    static List<Fault> read(JsonNode json) {
        JsonNode array = json.isObject() ? json.path("faults") : json;
        if (!array.isArray()) {
            throw ApiException.invalidArgument(
                    "expected an array of faults, or an object with faults");
        }
        List<Fault> faults = new ArrayList<>();
        for (JsonNode fault : array) {
            try {
                faults.add(readOne(fault));
            } catch (IllegalArgumentException e) {
                throw ApiException.invalidArgument(
                        "fault " + faults.size() + ": " + e.getMessage());
            }
        }
        return faults;
    }

    private static Fault readOne(JsonNode json) {
        FaultFields fields = new FaultFields(json);
        String operation = fields.text("operation", "any");
        Fault fault =
                operation.equals("any")
                        ? Fault.onAny()
                        : Fault.on(
                                Operation.ofName(operation)
                                        .orElseThrow(
                                                () ->
                                                        new IllegalArgumentException(
                                                                "unknown operation " + operation)));
        fault = fault.path(fields.text("path", "")).action(action(fields));
        fault = fault.probability(fields.number("probability", 1)).skip(fields.whole("skip", 0L));
        if (json.has("times")) {
            fault = fault.times(fields.whole("times", null));
        }
        fields.checkNoOthers(COMMON);
        return fault;
    }

    private static FaultAction action(FaultFields fields) {
        String action = fields.text("action", null);
        return switch (action) {
            case "respond" ->
                    new FaultAction.Respond(
                            Math.toIntExact(fields.whole("status", null)),
                            fields.text("contentType", "text/plain"),
                            fields.text("body", ""));
            case "throttle" ->
                    new FaultAction.Throttle(
                            Math.toIntExact(fields.whole("retryAfterSeconds", 1L)));
            case "failRecords" ->
                    new FaultAction.FailRecords(
                            fields.text("errorMessage", null), fields.positions("positions"));
            case "latency" ->
                    new FaultAction.Latency(Duration.ofMillis(fields.whole("millis", null)));
            case "resetBefore" -> FaultAction.Simple.RESET_BEFORE;
            case "resetAfter" -> FaultAction.Simple.RESET_AFTER;
            case "cutBody" -> FaultAction.Simple.CUT_BODY;
            case "killLocation" -> FaultAction.Simple.KILL_LOCATION;
            case "never" -> FaultAction.Simple.NEVER;
            case "duplicate" -> FaultAction.Simple.DUPLICATE;
            case "landLate" ->
                    new FaultAction.LandLate(Duration.ofMillis(fields.whole("millis", null)));
            default -> throw new IllegalArgumentException("unknown action " + action);
        };
    }

    /** The faults in the form in which they are read. */
    static JsonNode write(List<Fault> faults) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode array = json.putArray("faults");
        faults.forEach(fault -> write(fault, array.addObject()));
        return json;
    }

    private static void write(Fault fault, ObjectNode json) {
        json.put("operation", fault.operation().map(Operation::wireName).orElse("any"));
        if (!fault.path().isEmpty()) {
            json.put("path", fault.path());
        }
        writeAction(fault.action().orElseThrow(), json);
        json.put("probability", fault.probability());
        json.put("skip", fault.skip());
        if (fault.times() != Long.MAX_VALUE) {
            json.put("times", fault.times());
        }
    }

    private static void writeAction(FaultAction action, ObjectNode json) {
        if (action instanceof FaultAction.Respond respond) {
            json.put("action", "respond").put("status", respond.status());
            json.put("contentType", respond.contentType()).put("body", respond.body());
        } else if (action instanceof FaultAction.Throttle throttle) {
            json.put("action", "throttle").put("retryAfterSeconds", throttle.retryAfterSeconds());
        } else if (action instanceof FaultAction.FailRecords fail) {
            json.put("action", "failRecords").put("errorMessage", fail.errorMessage());
            ArrayNode positions = json.putArray("positions");
            fail.positions().stream().sorted().forEach(positions::add);
        } else if (action instanceof FaultAction.Latency latency) {
            json.put("action", "latency").put("millis", latency.latency().toMillis());
        } else if (action instanceof FaultAction.LandLate late) {
            json.put("action", "landLate").put("millis", late.delay().toMillis());
        } else if (action instanceof FaultAction.Simple simple) {
            json.put(
                    "action",
                    switch (simple) {
                        case RESET_BEFORE -> "resetBefore";
                        case RESET_AFTER -> "resetAfter";
                        case CUT_BODY -> "cutBody";
                        case KILL_LOCATION -> "killLocation";
                        case NEVER -> "never";
                        case DUPLICATE -> "duplicate";
                    });
        }
    }
}
