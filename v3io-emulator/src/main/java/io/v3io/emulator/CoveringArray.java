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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of choices in which every pair of choices of two columns occurs: greedy, always with the
 * same result.
 *
 * <p>Each row is the best of some candidates. A candidate begins with a pair that is still missing
 * and gives the other columns, in random order, the choice that covers most.
 */
final class CoveringArray {
    private static final int CANDIDATES = 300;

    private final int[] sizes;

    /** {@code missing[a][i][b][j]}, {@code a < b}: no row has choice i of a and choice j of b. */
    private final boolean[][][][] missing;

    private final SplittableRandom random = new SplittableRandom(1);
    private int missingCount;

    /**
     * An array that is still empty.
     *
     * @param sizes how many choices each column has
     */
    CoveringArray(int[] sizes) {
        this.sizes = sizes.clone();
        this.missing = new boolean[sizes.length][][][];
        for (int a = 0; a < sizes.length; a++) {
            missing[a] = new boolean[sizes[a]][sizes.length][];
            for (int i = 0; i < sizes[a]; i++) {
                for (int b = a + 1; b < sizes.length; b++) {
                    missing[a][i][b] = new boolean[sizes[b]];
                    Arrays.fill(missing[a][i][b], true);
                    missingCount += sizes[b];
                }
            }
        }
    }

    /** The rows; the first has the first choice of every column. */
    List<int[]> rows() {
        List<int[]> rows = new ArrayList<>();
        int[] row = new int[sizes.length];
        cover(row);
        rows.add(row);
        while (missingCount > 0) {
            row = candidate();
            for (int i = 1; i < CANDIDATES; i++) {
                int[] other = candidate();
                row = gain(other) > gain(row) ? other : row;
            }
            cover(row);
            rows.add(row);
        }
        return rows;
    }

    private int[] candidate() {
        int[] row = new int[sizes.length];
        boolean[] chosen = new boolean[sizes.length];
        int skipped = random.nextInt(missingCount);
        for (int a = 0; a < sizes.length; a++) {
            for (int i = 0; i < sizes[a]; i++) {
                for (int b = a + 1; b < sizes.length; b++) {
                    for (int j = 0; j < sizes[b]; j++) {
                        if (missing[a][i][b][j] && skipped-- == 0) {
                            row[a] = i;
                            row[b] = j;
                            chosen[a] = true;
                            chosen[b] = true;
                        }
                    }
                }
            }
        }
        int start = random.nextInt(sizes.length);
        for (int step = 0; step < sizes.length; step++) {
            int column = (start + step) % sizes.length;
            if (!chosen[column]) {
                row[column] = best(row, chosen, column);
                chosen[column] = true;
            }
        }
        return row;
    }

    private int best(int[] row, boolean[] chosen, int column) {
        int first = random.nextInt(sizes[column]);
        int best = first;
        int bestGain = -1;
        for (int step = 0; step < sizes[column]; step++) {
            row[column] = (first + step) % sizes[column];
            int gain = 0;
            for (int other = 0; other < sizes.length; other++) {
                gain += chosen[other] && isMissing(row, column, other) ? 1 : 0;
            }
            if (gain > bestGain) {
                bestGain = gain;
                best = row[column];
            }
        }
        return best;
    }

    private int gain(int[] row) {
        int gain = 0;
        for (int a = 0; a < sizes.length; a++) {
            for (int b = a + 1; b < sizes.length; b++) {
                gain += isMissing(row, a, b) ? 1 : 0;
            }
        }
        return gain;
    }

    private void cover(int[] row) {
        missingCount -= gain(row);
        for (int a = 0; a < sizes.length; a++) {
            for (int b = a + 1; b < sizes.length; b++) {
                missing[a][row[a]][b][row[b]] = false;
            }
        }
    }

    private boolean isMissing(int[] row, int one, int other) {
        int a = Math.min(one, other);
        int b = Math.max(one, other);
        return a != b && missing[a][row[a]][b][row[b]];
    }
}
