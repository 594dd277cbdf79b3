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

package io.v3io.flink.sink.state;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import java.io.Serializable;

/**
 * A record and the stream that it goes to: what the writer buffers and keeps in checkpoints.
 *
 * @param stream where to write
 * @param record what to write
 */
@Internal
public record RoutedRecord(StreamPath stream, PutRecord record) implements Serializable {

    private static final long serialVersionUID = 1L;
}
