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

import io.v3io.flink.benchmarks.measure.Spread;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A small line plot as SVG: the points lie at equal distances, a bar shows the spread of each. By
 * hand, because two plots are not worth a library of plots.
 */
final class LinePlot {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 380;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final int STEPS = 5;

    /** Told apart by people who do not see all colours, too. */
    private static final List<String> COLOURS = List.of("#0072B2", "#D55E00", "#009E73");

    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<String> xTicks;
    private final boolean logarithmic;
    private final List<Series> series = new ArrayList<>();

    /** One line; as many values as the plot has ticks. */
    record Series(String name, List<Spread> values) {}

    LinePlot(String title, String xLabel, String yLabel, List<String> xTicks, boolean logarithmic) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
        this.xTicks = xTicks;
        this.logarithmic = logarithmic;
    }

    LinePlot with(Series added) {
        series.add(added);
        return this;
    }

    /** The picture, to be written to a file. */
    String toSvg() {
        List<Double> yTicks = logarithmic ? powersOfTen() : equalSteps();
        double low = yTicks.get(0);
        double high = yTicks.get(yTicks.size() - 1);
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        text(svg, WIDTH / 2.0, 22, "middle", " font-size=\"15\"", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", "", xLabel);
        add(
                svg,
                "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                (TOP + HEIGHT - BOTTOM) / 2,
                yLabel);
        for (double tick : yTicks) {
            double y = y(tick, low, high);
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y);
            text(svg, LEFT - 8, y + 4, "end", "", tickNumber(tick));
        }
        for (int i = 0; i < xTicks.size(); i++) {
            text(svg, x(i), HEIGHT - BOTTOM + 20, "middle", "", xTicks.get(i));
        }
        for (int i = 0; i < series.size(); i++) {
            // With two lines, the numbers of one are below and those of the other above.
            boolean below = i == 0 && series.size() > 1;
            draw(svg, series.get(i), COLOURS.get(i), below, low, high);
            if (series.size() > 1) {
                text(
                        svg,
                        LEFT + 14,
                        TOP + 14 + 18 * i,
                        "start",
                        " fill=\"" + COLOURS.get(i) + "\" font-weight=\"bold\"",
                        series.get(i).name());
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(
            StringBuilder svg, Series line, String colour, boolean below, double low, double high) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.values().size(); i++) {
            Spread value = line.values().get(i);
            points.append(
                    String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y(value.median(), low, high)));
            add(
                    svg,
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                            + " stroke-width=\"5\" stroke-opacity=\"0.35\"/>",
                    x(i),
                    y(value.lowest(), low, high),
                    x(i),
                    y(value.highest(), low, high),
                    colour);
            add(
                    svg,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>",
                    x(i),
                    y(value.median(), low, high),
                    colour);
            text(
                    svg,
                    x(i),
                    below ? y(value.lowest(), low, high) + 16 : y(value.highest(), low, high) - 8,
                    "middle",
                    " font-size=\"10\" fill=\"" + colour + "\"",
                    number(value.median()));
        }
        add(
                svg,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                points.toString().strip(),
                colour);
    }

    private double x(int tick) {
        double step = (double) (WIDTH - RIGHT - LEFT) / xTicks.size();
        return LEFT + step * (tick + 0.5);
    }

    private double y(double value, double low, double high) {
        double part =
                logarithmic
                        ? Math.log(value / low) / Math.log(high / low)
                        : (value - low) / (high - low);
        return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP);
    }

    private List<Double> powersOfTen() {
        double lowest = Double.MAX_VALUE;
        for (Series line : series) {
            for (Spread value : line.values()) {
                lowest = Math.min(lowest, value.lowest());
            }
        }
        List<Double> ticks = new ArrayList<>();
        double tick = Math.pow(10, Math.floor(Math.log10(lowest)));
        ticks.add(tick);
        do {
            tick *= 10;
            ticks.add(tick);
        } while (tick < highest());
        return ticks;
    }

    private List<Double> equalSteps() {
        double step = highest() / STEPS;
        double unit = Math.pow(10, Math.floor(Math.log10(step)));
        step = Math.ceil(step / unit) * unit;
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i <= STEPS; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private double highest() {
        double highest = 0;
        for (Series line : series) {
            for (Spread value : line.values()) {
                highest = Math.max(highest, value.highest());
            }
        }
        return highest;
    }

    /** The number at a tick of an axis, not rounded. */
    private static String tickNumber(double value) {
        if (value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
    }

    private static String number(double value) {
        if (value >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }

    private static void text(
            StringBuilder svg, double x, double y, String anchor, String style, String text) {
        add(
                svg,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>",
                x,
                y,
                anchor,
                style,
                text);
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
