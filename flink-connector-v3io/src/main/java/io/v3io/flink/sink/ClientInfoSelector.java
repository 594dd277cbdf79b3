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

import javax.annotation.Nullable;

import java.io.Serializable;

/**
 * Chooses the client info of an element: a few opaque bytes that the platform keeps beside the
 * data.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
@FunctionalInterface
public interface ClientInfoSelector<IN> extends Serializable {

    /**
     * The client info, at most 16 bytes; null for none. The array must not be changed afterwards.
     * Called by the task's thread.
     */
    @Nullable
    byte[] clientInfo(IN element);
}
