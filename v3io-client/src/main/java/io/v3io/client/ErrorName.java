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

import io.v3io.client.V3ioException.Kind;
import io.v3io.client.annotation.PublicEvolving;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Locale;

/**
 * What the server's symbolic names of errors mean, of requests and of single records: the one table
 * of them. Case, spaces, punctuation and a final {@code Exception} do not matter, because the names
 * differ by version and document ({@code IllegalLocation}, {@code IllegalLocationException}).
 *
 * <p>Names that the platform's documentation or its public clients know may stand anywhere in what
 * the server says, as these clients look for them. Transient errors of single records are not
 * published; the names of {@link #THROTTLED} and {@link #UNAVAILABLE} are what the platform's habit
 * suggests, which is to name errors by the system's error texts, and what gateways and similar
 * services say. Such a name must be all that the server says.
 */
@PublicEvolving
public enum ErrorName {
    /** The location no longer exists in its shard. */
    ILLEGAL_LOCATION(Kind.ILLEGAL_LOCATION, "IllegalLocation"),
    /** Something exists where a stream is to be created. */
    RESOURCE_IN_USE(Kind.ALREADY_EXISTS, "ResourceInUse"),
    /** Something else than a stream exists at the path. */
    NOT_A_STREAM(Kind.NOT_A_STREAM, "ResourceIsnotStream", "ResourceNotStream"),
    /** No such stream, or no such shard yet. */
    RESOURCE_NOT_FOUND(Kind.NOT_FOUND, "ResourceNotFound"),
    /** The container does not exist. */
    CONTAINER_NOT_FOUND(Kind.NOT_FOUND, "Container not found"),
    /** The item or object does not exist. */
    NO_SUCH_FILE(Kind.NOT_FOUND, "No such file or directory"),
    /** The access key does not allow it. */
    PERMISSION_DENIED(Kind.PERMISSION_DENIED, "Permission denied", "Operation not permitted"),
    /** The stream has no shard with this id. */
    SHARD_OUT_OF_RANGE(Kind.INVALID_ARGUMENT, "ShardIDOutOfRange"),
    /** The number of shards is not one that the stream can grow to. */
    INVALID_SHARD_COUNT(Kind.INVALID_ARGUMENT, "InvalidShardCount"),
    /** The request, or the record, is not taken as it is. */
    INVALID_ARGUMENT(Kind.INVALID_ARGUMENT, "InvalidArgument"),
    /** The condition of a conditional write did not hold. */
    FALSE_CONDITION(Kind.CONDITION_FAILED, "False condition"),
    /** The server says that it is asked for too much. */
    THROTTLED(
            Kind.UNAVAILABLE,
            "SlowDown",
            "Throttled",
            "Throttling",
            "Too many requests",
            "LimitExceeded",
            "ProvisionedThroughputExceeded"),
    /** The server cannot do it now. */
    UNAVAILABLE(
            Kind.UNAVAILABLE,
            "Failed to send a control message request",
            "Resource temporarily unavailable",
            "Device or resource busy",
            "Cannot allocate memory",
            "Connection timed out",
            "Connection reset by peer",
            "Connection refused",
            "Interrupted system call",
            "Timer expired",
            "Operation timed out",
            "RequestTimeout",
            "Request timed out",
            "Timeout",
            "ServiceUnavailable",
            "Temporarily unavailable",
            "Unavailable",
            "InternalError",
            "InternalFailure",
            "InternalServerError"),
    /** None of these, or no name at all; nobody knows what it means. */
    UNKNOWN(Kind.UNEXPECTED);

    private static final String EXCEPTION = "exception";

    private final Kind kind;

    // Unmodifiable, which its type cannot say.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> names;

    ErrorName(Kind kind, String... names) {
        this.kind = kind;
        this.names = List.of(names).stream().map(ErrorName::letters).toList();
    }

    /** What the server's words say; {@link #UNKNOWN} for null. */
    public static ErrorName of(@Nullable String symbolicName) {
        if (symbolicName == null) {
            return UNKNOWN;
        }
        String letters = letters(symbolicName);
        for (ErrorName name : values()) {
            if (name.isIn(letters)) {
                return name;
            }
        }
        return UNKNOWN;
    }

    /** What an error of this name means, where no status says something else. */
    public Kind kind() {
        return kind;
    }

    private boolean isIn(String letters) {
        return kind.isTransient()
                ? names.contains(letters)
                : names.stream().anyMatch(letters::contains);
    }

    private static String letters(String text) {
        StringBuilder letters = new StringBuilder(text.length());
        for (char c : text.toLowerCase(Locale.ROOT).toCharArray()) {
            if (c >= 'a' && c <= 'z') {
                letters.append(c);
            }
        }
        String name = letters.toString();
        return name.endsWith(EXCEPTION)
                ? name.substring(0, name.length() - EXCEPTION.length())
                : name;
    }
}
