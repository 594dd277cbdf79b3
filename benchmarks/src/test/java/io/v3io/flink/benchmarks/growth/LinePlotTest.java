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

package io.v3io.flink.benchmarks.growth;

import io.v3io.flink.benchmarks.growth.LinePlot.Series;
import io.v3io.flink.benchmarks.measure.Spread;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import javax.xml.parsers.DocumentBuilderFactory;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class LinePlotTest {

    @Test
    void aPlotHasAPointForEachValueAndHigherValuesAreDrawnHigher() throws Exception {
        for (boolean logarithmic : new boolean[] {true, false}) {
            Document svg =
                    parse(
                            new LinePlot("title", "x", "y", List.of("a", "b", "c"), logarithmic)
                                    .with(new Series("one", values(1, 30, 900)))
                                    .with(new Series("two", values(2, 60, 40)))
                                    .toSvg());

            assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(2);
            assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(6);
            // On a screen, up is less.
            assertThat(height(svg, 0)).isGreaterThan(height(svg, 1));
            assertThat(height(svg, 1)).isGreaterThan(height(svg, 2));
            assertThat(height(svg, 4)).isLessThan(height(svg, 5));
        }
    }

    @Test
    void axesSayWhatTheyShowAndEachValueIsWrittenAtItsPoint() throws Exception {
        Document svg =
                parse(
                        new LinePlot(
                                        "title",
                                        "payload of a record",
                                        "microseconds",
                                        List.of("100 B", "1 KB", "10 KB"),
                                        true)
                                .with(new Series("source", values(0.5, 30, 900)))
                                .with(new Series("sink", values(2, 60, 4_000)))
                                .toSvg());

        assertThat(texts(svg))
                .contains("title", "payload of a record", "microseconds", "source", "sink")
                .contains("100 B", "1 KB", "10 KB")
                .contains("0.1", "1", "10", "100", "1,000", "10,000")
                .contains("0.50", "30.0", "900", "2.00", "60.0", "4,000");
    }

    @Test
    void aLogarithmicAxisHasEqualDistancesForEqualFactorsAndAStraightOneForEqualDifferences()
            throws Exception {
        Document logarithmic = plotOf(true, 2, 20, 200);
        Document straight = plotOf(false, 100, 200, 300);

        for (Document svg : List.of(logarithmic, straight)) {
            assertThat(height(svg, 0) - height(svg, 1))
                    .isCloseTo(height(svg, 1) - height(svg, 2), within(0.2));
        }
    }

    @Test
    void nothingIsDrawnOutsideOfThePictureWhateverTheValues() throws Exception {
        for (boolean logarithmic : new boolean[] {true, false}) {
            for (double[] medians :
                    new double[][] {{1, 1, 1}, {10, 100, 1_000}, {0.001, 5, 99_999}}) {
                Document svg = plotOf(logarithmic, medians);

                for (int point = 0; point < medians.length; point++) {
                    assertThat(height(svg, point))
                            .as("logarithmic %s, %s", logarithmic, Arrays.toString(medians))
                            .isBetween(0.0, 380.0);
                }
            }
        }
    }

    private static Document plotOf(boolean logarithmic, double... medians) throws Exception {
        return parse(
                new LinePlot("title", "x", "y", List.of("a", "b", "c"), logarithmic)
                        .with(new Series("one", values(medians)))
                        .toSvg());
    }

    private static List<String> texts(Document svg) {
        NodeList texts = svg.getElementsByTagName("text");
        List<String> found = new ArrayList<>();
        for (int i = 0; i < texts.getLength(); i++) {
            found.add(texts.item(i).getTextContent());
        }
        return found;
    }

    private static List<Spread> values(double... medians) {
        return Arrays.stream(medians)
                .mapToObj(median -> new Spread(median, median * 0.9, median * 1.1))
                .toList();
    }

    private static double height(Document svg, int point) {
        Element circle = (Element) svg.getElementsByTagName("circle").item(point);
        return Double.parseDouble(circle.getAttribute("cy"));
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    }
}
