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

/**
 * Decides whether the client may take the memory for an answer: what a caller with many requests in
 * flight bounds their memory with, because nobody knows the size of an answer before the server
 * tells it.
 *
 * <p>Only the body of a success is asked for. That of an error is cut to a few kilobytes, as many
 * times as there are connections at the most, and a caller needs it to learn what went wrong.
 */
@PublicEvolving
@FunctionalInterface
public interface AnswerAdmission {

    /**
     * Asked on an I/O thread (of different requests, on several at a time), before the memory is
     * taken; must not block.
     *
     * <p>An answer that announces its length is asked for once, with that length. One that does not
     * is asked for each time its array is about to grow, with the size that it grows to, which may
     * be more than comes; for the moment of copying, the old array is there as well. The number is
     * always what the answer will hold in all, so it <em>replaces</em> the last one of the same
     * request and is not to be added to it. It grows, until the client repeats the request (after a
     * body that was cut, for example): then it starts anew, and what the attempt before has held is
     * free.
     *
     * <p>What was admitted is in use until the request's future ends, in whatever way. The records
     * are made of it just before that; what they take is for the caller to count. A future that is
     * ended by another thread (cancelled, timed out, closed) may be asked for a last time while it
     * ends; its answer is given up, whatever this returns.
     *
     * @param bodyBytes bytes of body that will be held for this answer in all; positive, up to
     *     {@link V3ioClientConfig#maxResponseBytes()}
     * @return false to give up the answer and its connection: the request fails with {@link
     *     V3ioException.Kind#NOT_ADMITTED} and is not repeated by the client. Anything thrown fails
     *     it with {@link V3ioException.Kind#UNEXPECTED}
     */
    boolean admit(long bodyBytes);
}
