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

package io.v3io.flink.sink;

import org.apache.flink.annotation.PublicEvolving;

import java.io.Serializable;

/**
 * Chooses the stream of an element.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
@FunctionalInterface
public interface StreamSelector<IN> extends Serializable {

    /**
     * One of the streams that were given to {@link V3ioSinkBuilder#setStreams}, in any form that it
     * takes. An element for another one can never be stored. Called by the task's thread.
     */
    String stream(IN element);
}
