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

package io.v3io.client.http;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class SpareArraysTest {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    private static final int MAX_KEPT_BYTES = 16 * MIB;

    private final SpareArrays spares = new SpareArrays(MAX_KEPT_BYTES);

    @Test
    void anArrayIsGivenToOneTakerAtATime() {
        byte[] array = new byte[MIB];
        spares.giveBack(array);
        assertThat(spares.take(MIB)).isSameAs(array);
        assertThat(spares.take(MIB)).isNotSameAs(array).hasSize(MIB);
    }

    @Test
    void theSmallestThatFitsIsTaken() {
        byte[] large = new byte[3 * MIB];
        byte[] small = new byte[MIB];
        spares.giveBack(large);
        spares.giveBack(small);
        spares.giveBack(new byte[MIB - 1]);
        assertThat(spares.take(MIB)).isSameAs(small);
        assertThat(spares.take(MIB)).isSameAs(large);
    }

    @Test
    void whatIsWantedIsTakenOnlyIfItIsThere() {
        byte[] large = new byte[3 * MIB];
        byte[] small = new byte[MIB];
        spares.giveBack(large);
        spares.giveBack(small);
        assertThat(spares.take(MIB, 2 * MIB)).isSameAs(large);
        assertThat(spares.take(MIB, 2 * MIB)).isSameAs(small);
        assertThat(spares.take(MIB, 2 * MIB)).hasSize(MIB);
    }

    @Test
    void aSmallAnswerDoesNotOccupyALargeArray() {
        byte[] large = new byte[4 * MIB];
        spares.giveBack(large);
        assertThat(spares.take(MIB)).hasSize(MIB);
        assertThat(spares.take(MIB + 1)).isSameAs(large);
    }

    @Test
    void smallArraysAreNotKept() {
        byte[] small = new byte[64 * KIB - 1];
        spares.giveBack(small);
        assertThat(spares.take(small.length)).isNotSameAs(small);
    }

    @Test
    void noMoreThanABoundIsKeptAndTheLargestArraysAreTheOnes() {
        spares.giveBack(new byte[MAX_KEPT_BYTES + 1]);
        byte[][] arrays = new byte[40][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = new byte[MIB + i];
            spares.giveBack(arrays[i]);
        }
        int kept = 0;
        for (int i = 0; i < arrays.length; i++) {
            byte[] taken = spares.take(MIB);
            for (byte[] array : arrays) {
                kept += taken == array ? 1 : 0;
            }
        }
        // The sixteenth would exceed the bound by some bytes.
        assertThat(kept).isEqualTo(15);
    }

    @Test
    void theLargestAnswerOfTheApiIsKeptAlsoByAHeapOfHalfAGigabyte() {
        byte[] largest = new byte[14 * MIB];
        // Such a heap keeps 16 MiB, the one of this JVM no less.
        try (SpareArrays ofThisHeap = SpareArrays.ofThisHeap()) {
            for (SpareArrays kept : List.of(spares, ofThisHeap)) {
                kept.giveBack(new byte[5 * MIB]);
                kept.giveBack(largest);
                assertThat(kept.take(13 * MIB)).isSameAs(largest);
            }
        }
    }

    @Test
    void manyClientsShareAnEighthOfTheHeap() {
        long clients = Runtime.getRuntime().maxMemory() / 8 / (2 * MIB);
        byte[] tooLarge = new byte[3 * MIB];
        byte[] small = new byte[MIB / 4];
        List<SpareArrays> others = new ArrayList<>();
        try (SpareArrays one = SpareArrays.ofThisHeap()) {
            one.giveBack(tooLarge);
            assertThat(one.take(tooLarge.length)).as("alone").isSameAs(tooLarge);
            for (int i = 1; i < clients; i++) {
                others.add(SpareArrays.ofThisHeap());
            }
            one.giveBack(tooLarge);
            assertThat(one.take(tooLarge.length)).as("one of many").isNotSameAs(tooLarge);
            one.giveBack(small);
            assertThat(one.take(small.length)).as("one of many").isSameAs(small);

            others.forEach(SpareArrays::close);
            others.forEach(SpareArrays::close);
            one.giveBack(tooLarge);
            assertThat(one.take(tooLarge.length)).as("alone again").isSameAs(tooLarge);
        } finally {
            others.forEach(SpareArrays::close);
        }
    }

    @Test
    void whatNobodyTakesIsLetGo() {
        byte[] array = new byte[MIB];
        spares.giveBack(array);
        byte[] taken = spares.take(MIB);
        spares.giveBack(taken);

        spares.dropUnused();
        assertThat(spares.take(MIB)).as("used since the last time").isSameAs(array);
        spares.giveBack(array);
        spares.dropUnused();
        spares.dropUnused();
        assertThat(spares.take(MIB)).isNotSameAs(array);
    }

    @Test
    void whatFitsNobodyIsLetGo() {
        byte[] tooLarge = new byte[4 * MIB];
        spares.giveBack(tooLarge);
        assertThat(spares.take(MIB)).isNotSameAs(tooLarge);
        spares.dropUnused();

        assertThat(spares.take(4 * MIB)).isNotSameAs(tooLarge);
    }
}
