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

import io.v3io.client.annotation.PublicEvolving;

/** The requests that the client sends; an error names the one that failed. */
@PublicEvolving
public enum Operation {
    CREATE_STREAM("CreateStream"),
    DESCRIBE_STREAM("DescribeStream"),
    UPDATE_STREAM("UpdateStream"),
    PUT_RECORDS("PutRecords"),
    SEEK("SeekShard"),
    GET_RECORDS("GetRecords"),
    GET_ITEM("GetItem"),
    PUT_ITEM("PutItem"),
    LIST("ListContainerContents"),
    PUT_OBJECT("PutObject"),
    GET_OBJECT("GetObject"),
    DELETE_OBJECT("DeleteObject");

    private final String wireName;

    Operation(String wireName) {
        this.wireName = wireName;
    }

    /**
     * The value of the {@code X-v3io-function} header, or the public clients' name where there is
     * no such header.
     */
    public String wireName() {
        return wireName;
    }
}
