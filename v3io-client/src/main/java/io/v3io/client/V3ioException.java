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

package io.v3io.client;

import io.v3io.client.annotation.Internal;
import io.v3io.client.annotation.PublicEvolving;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The one exception of the client: what was asked, where, and what the server or the network
 * answered. Callers decide by {@link #kind()}; a message text is for people.
 */
@PublicEvolving
public final class V3ioException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What an error means to a caller. */
    public enum Kind {
        /** No such stream, shard or item. A shard is also not found before its first record. */
        NOT_FOUND(false),
        /** The location no longer exists in its shard: seek again. */
        ILLEGAL_LOCATION(false),
        /** The access key is missing, wrong, or not allowed to do this. */
        PERMISSION_DENIED(false),
        /** The server refuses the request as it is, or the client refuses it before it is sent. */
        INVALID_ARGUMENT(false),
        /**
         * The server, or a gateway on the way to it, takes no request of this size (413). Nothing
         * of it was done; a smaller one may be taken.
         */
        REQUEST_TOO_LARGE(false),
        /** The stream cannot be created: something exists at its path. */
        ALREADY_EXISTS(false),
        /** The condition of a conditional write did not hold; nothing was written. */
        CONDITION_FAILED(false),
        /** The path is not a stream. */
        NOT_A_STREAM(false),
        /**
         * Throttled or temporarily not served (408, 429, 5xx), or a 404 that the API has not
         * written: that comes from what is on the way to it, and says nothing about a stream.
         */
        UNAVAILABLE(true),
        /**
         * No or no whole answer: refused, reset or timed out. The request may have taken effect.
         */
        TRANSPORT(true),
        /**
         * An answer that cannot be understood: cut, not JSON, or breaking the API's rules, such as
         * the page of a gateway. The request may have taken effect.
         */
        MALFORMED_RESPONSE(true),
        /**
         * An answer with more bytes than the client takes ({@code maxResponseBytes}). The request
         * may have taken effect, and its repetition would be answered in the same way.
         */
        RESPONSE_TOO_LARGE(false),
        /**
         * The caller's {@link AnswerAdmission} refused the memory for the answer. The server is
         * well; the same request may be sent again when there is memory for its answer.
         */
        NOT_ADMITTED(false),
        /**
         * PutRecords results that do not match the records one by one: nobody can tell which of the
         * records are stored.
         */
        UNMATCHED_RESULTS(false),
        /** The client was closed before the answer. */
        CLOSED(false),
        /** Any other answer; not repeated, because nobody knows what it means. */
        UNEXPECTED(false);

        private final boolean isTransient;

        Kind(boolean isTransient) {
            this.isTransient = isTransient;
        }

        /** Whether the same request may succeed later without anybody changing anything. */
        public boolean isTransient() {
            return isTransient;
        }
    }

    private final Kind kind;
    private final Operation operation;
    private final String path;
    private final int status;
    private final int errorCode;
    @Nullable private final String symbolicName;
    private final boolean neverSent;
    @Nullable private final Duration retryAfter;

    /** Made by the client only; without a {@link #retryAfter()}. */
    @Internal
    public V3ioException(
            Kind kind,
            Operation operation,
            String path,
            int status,
            int errorCode,
            @Nullable String symbolicName,
            boolean neverSent,
            String message,
            @Nullable Throwable cause) {
        this(
                kind,
                operation,
                path,
                status,
                errorCode,
                symbolicName,
                neverSent,
                null,
                message,
                cause);
    }

    /** Made by the client only. */
    @Internal
    public V3ioException(
            Kind kind,
            Operation operation,
            String path,
            int status,
            int errorCode,
            @Nullable String symbolicName,
            boolean neverSent,
            @Nullable Duration retryAfter,
            String message,
            @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
        this.operation = Objects.requireNonNull(operation, "operation");
        this.path = Objects.requireNonNull(path, "path");
        this.status = status;
        this.errorCode = errorCode;
        this.symbolicName = symbolicName;
        this.neverSent = neverSent;
        this.retryAfter = retryAfter;
    }

    /** What the error means. */
    public Kind kind() {
        return kind;
    }

    /** The operation that failed. */
    public Operation operation() {
        return operation;
    }

    /** Container and path that the operation was about, not percent-encoded. */
    public String path() {
        return path;
    }

    /** The HTTP status; empty when there was no answer. */
    public OptionalInt status() {
        return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /**
     * The server's {@code ErrorCode}; empty when it gave none. Most numbers are not published:
     * decide by kind.
     */
    public OptionalInt errorCode() {
        return errorCode == 0 ? OptionalInt.empty() : OptionalInt.of(errorCode);
    }

    /** The server's {@code ErrorMessage}, which is a symbolic name; null when it gave none. */
    @Nullable
    public String symbolicName() {
        return symbolicName;
    }

    /** Which of the known names {@link #symbolicName()} is. */
    public ErrorName errorName() {
        return ErrorName.of(symbolicName);
    }

    /**
     * Whether it is certain that the server never saw the request, so that repeating it cannot do
     * it twice.
     */
    public boolean neverSent() {
        return neverSent;
    }

    /**
     * How long the server wants to be left alone, counted from its answer ({@code Retry-After});
     * positive, up to 365 days. Empty when it did not say so, or said it in a way that cannot be
     * read. The client's own repetitions have waited for it already; a caller that repeats the
     * operation itself should wait, too.
     */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
