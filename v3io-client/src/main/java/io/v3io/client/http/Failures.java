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

package io.v3io.client.http;

import io.v3io.client.ErrorName;
import io.v3io.client.Operation;
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.ErrorBody;
import io.v3io.client.wire.MalformedAnswerException;
import io.v3io.client.wire.ServerWords;

import javax.annotation.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * Words every exception of a client: what was asked of whom, what came back, and what to do. The
 * words of a server are made one bounded line, and a secret that it echoes is masked.
 */
final class Failures {

    private static final int MAX_WORDS_CHARS = 300;
    private static final int MAX_DETAIL_CHARS = 250;
    private static final int MAX_LISTED_CHARS = 200;
    private static final int MAX_PATH_CHARS = 8_192;
    private static final int MAX_CAUSES = 20;

    private final String server;
    private final Authentication authentication;
    private final Redaction redaction;
    private final UnaryOperator<String> settingName;
    private final Clock clock;

    /** Takes the present time, which dates in {@code Retry-After} need, from the clock. */
    Failures(
            V3ioClientConfig config,
            Authentication authentication,
            Redaction redaction,
            Clock clock) {
        this.server = config.endpoint().getHost() + ":" + config.endpoint().getPort();
        this.settingName = config::settingName;
        this.authentication = authentication;
        this.redaction = redaction;
        this.clock = clock;
    }

    /** Makes words of the server fit to be shown. */
    ServerWords serverWords() {
        return redaction;
    }

    /** Words an answer that is not a success. */
    V3ioException ofAnswer(ApiRequest request, HttpAnswer answer) {
        ErrorBody error = read(answer);
        Kind kind = AnswerClassifier.classify(request.operation(), answer.status(), error);
        boolean isUnknown = !kind.isTransient() && isNameCut(answer, error);
        return ofAnswer(request, answer, error, isUnknown ? Kind.TRANSPORT : kind);
    }

    /** Whether the name that says what the answer means may have been in the part that is lost. */
    private static boolean isNameCut(HttpAnswer answer, ErrorBody error) {
        return answer.status() >= 400
                && !answer.isWhole()
                && error.symbolicName() == null
                && (answer.length() == 0 || answer.body()[0] == '{');
    }

    /** Words a 404 that is true though the API has not written it. */
    V3ioException ofConfirmedAbsence(ApiRequest request, HttpAnswer answer) {
        return ofAnswer(request, answer, read(answer), Kind.NOT_FOUND);
    }

    private ErrorBody read(HttpAnswer answer) {
        return ErrorBody.parse(answer.body(), answer.length(), !answer.isWhole(), redaction);
    }

    private V3ioException ofAnswer(
            ApiRequest request, HttpAnswer answer, ErrorBody error, Kind kind) {
        String name = error.symbolicName();
        StringBuilder what = new StringBuilder("status ").append(answer.status());
        if (name != null) {
            what.append(' ').append(name);
        }
        if (error.code() != 0) {
            what.append(" (code ").append(error.code()).append(')');
        }
        if (!error.words().isEmpty()) {
            what.append(", body: ").append(error.words());
        }
        String advice =
                answer.status() >= 300 && answer.status() < 400
                        ? "The server redirects to "
                                + redaction.line(host(answer.redirectTarget()), MAX_WORDS_CHARS)
                                + ", which is not followed, so that the access key stays with the"
                                + " endpoint that it was given for; set the endpoint to where the"
                                + " API is."
                        : Advice.of(
                                kind,
                                request.operation(),
                                answer.status(),
                                ErrorName.of(name),
                                authentication.origin(),
                                settingName);
        return failed(kind, request, what.toString())
                .advice(advice)
                .status(answer.status())
                .errorCode(error.code())
                .symbolicName(name)
                .retryAfter(retryAfter(answer))
                .build();
    }

    @Nullable
    private Duration retryAfter(HttpAnswer answer) {
        return RetryAfter.read(answer.retryAfter(), clock.instant()).orElse(null);
    }

    /** Words a success whose body breaks the API's rules. */
    V3ioException ofMalformed(
            ApiRequest request, HttpAnswer answer, MalformedAnswerException cause) {
        if (cause.fault() == MalformedAnswerException.Fault.CUT && !answer.isWhole()) {
            return ofTransport(request, TransportFailure.ofCutAnswer(cause.getMessage()));
        }
        String what =
                "status "
                        + answer.status()
                        + ", but the answer of "
                        + answer.length()
                        + " bytes "
                        + cause.getMessage();
        Kind kind =
                switch (cause.fault()) {
                    case UNMATCHED_RESULTS -> Kind.UNMATCHED_RESULTS;
                    case NOT_TOLD -> Kind.UNEXPECTED;
                    case NOT_UNDERSTOOD, CUT -> Kind.MALFORMED_RESPONSE;
                };
        // Without the parser's own exception, which may quote the body.
        return failed(kind, request, what)
                .advice(advice(kind, request.operation()))
                .status(answer.status())
                .build();
    }

    /** Words an exchange that ended without a usable answer. */
    V3ioException ofTransport(ApiRequest request, TransportFailure failure) {
        String advice =
                failure.advice().isEmpty()
                        ? advice(failure.kind(), request.operation())
                        : failure.advice();
        if (!request.isRepeatable() && !failure.neverSent()) {
            advice = "The server may have acted on it. " + advice;
        }
        String what =
                failure.words().isEmpty()
                        ? failure.what()
                        : failure.what()
                                + " ("
                                + redaction.line(failure.words(), MAX_WORDS_CHARS)
                                + ")";
        return failed(failure.kind(), request, what)
                .advice(advice.trim())
                .neverSent(failure.neverSent())
                .cause(withoutSecret(failure.cause()))
                .build();
    }

    /** The cause, unless a text in it quotes a server that has sent the secret back. */
    @Nullable
    private Throwable withoutSecret(@Nullable Throwable cause) {
        return cause != null && hasSecret(cause, MAX_CAUSES) ? null : cause;
    }

    private boolean hasSecret(Throwable cause, int maxDepth) {
        String text = cause.toString();
        if (maxDepth == 0 || !redaction.masked(text).equals(text)) {
            return true;
        }
        for (Throwable suppressed : cause.getSuppressed()) {
            if (hasSecret(suppressed, maxDepth - 1)) {
                return true;
            }
        }
        return cause.getCause() != null && hasSecret(cause.getCause(), maxDepth - 1);
    }

    /** Words a listing that breaks the API's rules with a name or a marker. */
    V3ioException ofListing(String path, String what, String listed, String complaint) {
        return failed(
                        Kind.MALFORMED_RESPONSE,
                        Operation.LIST,
                        path,
                        "",
                        what + " '" + redaction.line(listed, MAX_LISTED_CHARS) + "' " + complaint)
                .advice(advice(Kind.MALFORMED_RESPONSE, Operation.LIST))
                .status(200)
                .build();
    }

    /** Words a program error on the way. */
    V3ioException ofBug(ApiRequest request, Throwable cause) {
        return ofBug(request.operation(), request.path(), request.detail(), cause);
    }

    /** Words a program error in an operation of several requests. */
    V3ioException ofBug(Operation operation, String path, String detail, Throwable cause) {
        return failed(
                        Kind.UNEXPECTED,
                        operation,
                        path,
                        detail,
                        "the client has a fault (" + cause.getClass().getName() + ")")
                .advice(
                        cause instanceof OutOfMemoryError
                                ? "Give the JVM more memory, or ask for less at once."
                                : "Neither the server nor the caller is to blame: please report it"
                                        + " with its stack trace.")
                .cause(withoutSecret(cause))
                .build();
    }

    V3ioException closed(ApiRequest request) {
        return failed(Kind.CLOSED, request, "the client is closed").build();
    }

    /** Adds how many attempts there were, if there was more than one. */
    static V3ioException afterAttempts(V3ioException last, int attempts, long elapsedMillis) {
        return attempts == 1 ? last : last.withMore(attempt(attempts, elapsedMillis) + ".");
    }

    /** Adds how many attempts there were, and that the retry policy allows no more. */
    V3ioException afterLastAttempt(
            V3ioException last, int attempts, long elapsedMillis, RetryPolicy policy) {
        return policy.maxRetries() == 0
                ? afterAttempts(last, attempts, elapsedMillis)
                : last.withMore(
                        attempt(attempts, elapsedMillis)
                                + ", and the retry policy allows no more ("
                                + settingName.apply("maxRetries")
                                + " "
                                + policy.maxRetries()
                                + ", "
                                + settingName.apply("maxElapsed")
                                + " "
                                + policy.maxElapsed().toMillis()
                                + " ms).");
    }

    private static String attempt(int attempts, long elapsedMillis) {
        return "This was attempt " + attempts + " within " + elapsedMillis + " ms";
    }

    /** Words arguments that are refused before anything is sent. */
    static V3ioException invalidArgument(Operation operation, String path, String complaint) {
        return V3ioException.of(
                        Kind.INVALID_ARGUMENT,
                        operation,
                        path,
                        operation.wireName() + " of " + path + " was not sent: " + complaint)
                .neverSent(true)
                .build();
    }

    private V3ioException.Builder failed(Kind kind, ApiRequest request, String what) {
        return failed(kind, request.operation(), request.path(), request.detail(), what);
    }

    private V3ioException.Builder failed(
            Kind kind, Operation operation, String path, String detail, String what) {
        String sentence =
                operation.wireName()
                        + " of "
                        + redaction.line(path, MAX_PATH_CHARS)
                        + (detail.isEmpty()
                                ? ""
                                : " (" + redaction.line(detail, MAX_DETAIL_CHARS) + ")")
                        + " at "
                        + server
                        + " failed: "
                        + what;
        return V3ioException.of(
                kind,
                operation,
                redaction.masked(path),
                sentence.endsWith(".") ? sentence : sentence + ".");
    }

    private String advice(Kind kind, Operation operation) {
        return Advice.of(
                kind, operation, 0, ErrorName.UNKNOWN, authentication.origin(), settingName);
    }

    private static String host(@Nullable String redirectTarget) {
        if (redirectTarget == null) {
            return "an unknown place";
        }
        try {
            URI target = new URI(redirectTarget);
            if (target.getHost() == null) {
                return "another path";
            }
            return target.getHost() + (target.getPort() < 0 ? "" : ":" + target.getPort());
        } catch (URISyntaxException e) {
            // Only shown to people, and an unreadable target shows nothing.
            return "an unreadable target";
        }
    }
}
