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

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Elements {@code key:number} whose order can be told: the numbers of all of them count from 0. */
final class KeyedElements {

    private KeyedElements() {}

    /** So many elements, the key of each a random one. */
    static List<String> random(int count, int keys, Random random) {
        return IntStream.range(0, count)
                .mapToObj(number -> random.nextInt(keys) + ":" + number)
                .toList();
    }

    static String key(String element) {
        return element.substring(0, element.indexOf(':'));
    }

    static int number(String element) {
        return Integer.parseInt(element.substring(element.indexOf(':') + 1));
    }
}
