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

import javax.xml.parsers.DocumentBuilderFactory;

import java.io.ByteArrayInputStream;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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

    private static List<Spread> values(double... medians) {
        return java.util.Arrays.stream(medians)
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
