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

package io.v3io.emulator.store;

import io.v3io.emulator.Dialect;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * What every part of the store shares.
 *
 * @param incarnations the numbers of shards given out so far; a number is never given twice, also
 *     not after a restart
 * @param dialect the present one; it can change at any time
 * @param draw a random number from 0 up to below its argument
 */
record StoreContext(
        EmulatorClock clock,
        Journal journal,
        RecordMemory memory,
        AtomicLong incarnations,
        Supplier<Dialect> dialect,
        IntUnaryOperator draw) {}
