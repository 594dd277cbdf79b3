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
    private final String description;
    private final String advice;
    private final int status;
    private final int errorCode;
    @Nullable private final String symbolicName;
    private final boolean neverSent;
    @Nullable private final Duration retryAfter;

    private V3ioException(Builder builder) {
        super(
                builder.advice.isEmpty()
                        ? builder.description
                        : builder.description + " " + builder.advice,
                builder.cause);
        this.kind = builder.kind;
        this.operation = builder.operation;
        this.path = builder.path;
        this.description = builder.description;
        this.advice = builder.advice;
        this.status = builder.status;
        this.errorCode = builder.errorCode;
        this.symbolicName = builder.symbolicName;
        this.neverSent = builder.neverSent;
        this.retryAfter = builder.retryAfter;
    }

    /**
     * Starts an exception; the client makes them.
     *
     * @param path container and path that the operation was about
     * @param description what happened, as a sentence
     */
    @Internal
    public static Builder of(Kind kind, Operation operation, String path, String description) {
        return new Builder(kind, operation, path, description);
    }

    /** The same error with more to say about what happened, before the advice. */
    @Internal
    public V3ioException withMore(String sentence) {
        Builder builder = of(kind, operation, path, description + " " + sentence);
        builder.advice = advice;
        builder.status = status;
        builder.errorCode = errorCode;
        builder.symbolicName = symbolicName;
        builder.neverSent = neverSent;
        builder.retryAfter = retryAfter;
        builder.cause = getCause();
        return builder.build();
    }

    /** Returns what the error means to the caller; never null. */
    public Kind kind() {
        return kind;
    }

    /** Which request failed; for operations that take several, the one that did. */
    public Operation operation() {
        return operation;
    }

    /** Container and path that the operation was about, not percent-encoded. */
    public String path() {
        return path;
    }

    /** What happened, in sentences: the message without its {@link #advice()}. */
    public String description() {
        return description;
    }

    /**
     * What a person can do about it, in sentences; empty where there is nothing to do. It ends the
     * message. Who knows better, as by the names of options, shows {@link #description()} and says
     * so.
     */
    public String advice() {
        return advice;
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

    /** The parts of an exception, by the client; all but those it starts with may be left out. */
    public static final class Builder {

        private final Kind kind;
        private final Operation operation;
        private final String path;
        private final String description;
        private String advice = "";
        private int status;
        private int errorCode;
        @Nullable private String symbolicName;
        private boolean neverSent;
        @Nullable private Duration retryAfter;
        @Nullable private Throwable cause;

        private Builder(Kind kind, Operation operation, String path, String description) {
            this.kind = Objects.requireNonNull(kind, "kind");
            this.operation = Objects.requireNonNull(operation, "operation");
            this.path = Objects.requireNonNull(path, "path");
            this.description = Objects.requireNonNull(description, "description");
        }

        public Builder advice(String sentences) {
            this.advice = Objects.requireNonNull(sentences, "sentences");
            return this;
        }

        /** Sets the HTTP status; 0 if there was no answer. */
        public Builder status(int status) {
            this.status = status;
            return this;
        }

        /** 0 if the server gave none. */
        public Builder errorCode(int errorCode) {
            this.errorCode = errorCode;
            return this;
        }

        /** Null if the server gave none. */
        public Builder symbolicName(@Nullable String symbolicName) {
            this.symbolicName = symbolicName;
            return this;
        }

        public Builder neverSent(boolean neverSent) {
            this.neverSent = neverSent;
            return this;
        }

        /** Null if the server asked for nothing. */
        public Builder retryAfter(@Nullable Duration retryAfter) {
            this.retryAfter = retryAfter;
            return this;
        }

        public Builder cause(@Nullable Throwable cause) {
            this.cause = cause;
            return this;
        }

        public V3ioException build() {
            return new V3ioException(this);
        }
    }
}
