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

package io.v3io.emulator;

import java.util.Locale;
import java.util.Optional;

/**
 * What a request asks for: a function named by its {@code X-v3io-function} header, or a plain HTTP
 * method.
 */
public enum Operation {
    CREATE_STREAM("CreateStream"),
    DESCRIBE_STREAM("DescribeStream"),
    UPDATE_STREAM("UpdateStream"),
    PUT_RECORDS("PutRecords"),
    /**
     * Sent as {@code SeekShard} by the public clients and called {@code Seek} by the documentation.
     */
    SEEK("Seek"),
    GET_RECORDS("GetRecords"),
    GET_ITEM("GetItem"),
    GET_ITEMS("GetItems"),
    UPDATE_ITEM("UpdateItem"),
    PUT_ITEM("PutItem"),
    /** {@code GET /<container>}: what is in a directory. */
    LIST("List"),
    /** {@code GET /}: which containers there are. */
    LIST_CONTAINERS("ListContainers"),
    GET_OBJECT("GetObject"),
    HEAD_OBJECT("HeadObject"),
    PUT_OBJECT("PutObject"),
    DELETE_OBJECT("DeleteObject");

    private final String wireName;

    Operation(String wireName) {
        this.wireName = wireName;
    }

    /**
     * The name in the {@code X-v3io-function} header; for plain HTTP operations the name in fault
     * descriptions.
     */
    public String wireName() {
        return wireName;
    }

    /** Whether requests name this operation in the {@code X-v3io-function} header. */
    public boolean isFunction() {
        return compareTo(PUT_ITEM) <= 0;
    }

    /** Whether requests for this operation change what is stored. */
    public boolean isWrite() {
        return switch (this) {
            case CREATE_STREAM,
                    UPDATE_STREAM,
                    PUT_RECORDS,
                    PUT_ITEM,
                    UPDATE_ITEM,
                    PUT_OBJECT,
                    DELETE_OBJECT ->
                    true;
            case DESCRIBE_STREAM,
                    SEEK,
                    GET_RECORDS,
                    GET_ITEM,
                    GET_ITEMS,
                    LIST,
                    LIST_CONTAINERS,
                    GET_OBJECT,
                    HEAD_OBJECT ->
                    false;
        };
    }

    /** The operation of an {@code X-v3io-function} header; both names of Seek are known. */
    public static Optional<Operation> ofFunction(String function) {
        if (function.equals("SeekShard")) {
            return Optional.of(SEEK);
        }
        for (Operation operation : values()) {
            if (operation.isFunction() && operation.wireName.equals(function)) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }

    /**
     * The operation of a wire name ({@code GetRecords}) or of a constant's name in any case ({@code
     * GET_RECORDS}).
     */
    public static Optional<Operation> ofName(String name) {
        for (Operation operation : values()) {
            if (operation.wireName.equals(name)
                    || operation.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(operation);
            }
        }
        return ofFunction(name);
    }
}
