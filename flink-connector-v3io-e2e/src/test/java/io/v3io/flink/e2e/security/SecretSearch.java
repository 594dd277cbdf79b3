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

package io.v3io.flink.e2e.security;

import io.v3io.flink.e2e.cluster.FlinkRest;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks for a secret in the files of a cluster and in all that its REST API answers. A secret here
 * is of letters, digits and dashes, so that no way of writing text has to change it; it is looked
 * for all the same as text that has every character escaped, for URLs or in JSON, and as base64.
 */
final class SecretSearch {

    private static final int BASE64_GROUP = 3;
    private static final int METRICS_AT_ONCE = 20;

    private SecretSearch() {}

    /** The files below a directory that hold it, in whatever writing. */
    static List<Path> inFiles(Path directory, String secret) throws IOException {
        List<String> forms = forms(secret);
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        try {
                            // One byte, one character: what is searched are bytes.
                            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                            if (forms.stream().anyMatch(bytes::contains)) {
                                found.add(file);
                            }
                        } catch (NoSuchFileException e) {
                            return visitFileFailed(file, e);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException failure)
                            throws IOException {
                        if (failure instanceof NoSuchFileException) {
                            // What running processes have deleted tells nobody anything.
                            return FileVisitResult.CONTINUE;
                        }
                        throw failure;
                    }
                });
        return found;
    }

    private static List<String> forms(String secret) {
        List<byte[]> forms = new ArrayList<>();
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        forms.add(bytes);
        forms.add(secret.getBytes(StandardCharsets.UTF_16BE));
        forms.add(secret.getBytes(StandardCharsets.UTF_16LE));
        // Base64 of a text that holds it depends on where in a group it begins.
        for (int before = 0; before < BASE64_GROUP; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            byte[] base64 = Base64.getEncoder().withoutPadding().encode(shifted);
            // The characters at both ends also depend on its neighbours.
            forms.add(Arrays.copyOfRange(base64, before == 0 ? 0 : before + 1, base64.length - 2));
        }
        for (String escape :
                List.of("%%%02x", "%%%02X", "%%25%02X", "\\u%04x", "\\u%04X", "%02x")) {
            StringBuilder escaped = new StringBuilder();
            for (byte b : bytes) {
                escaped.append(String.format(escape, b));
            }
            forms.add(escaped.toString().getBytes(StandardCharsets.US_ASCII));
        }
        return forms.stream().map(form -> new String(form, StandardCharsets.ISO_8859_1)).toList();
    }

    /** The pages of the REST API that hold it, in whatever writing. */
    static List<String> inRest(Map<String, String> pages, String secret) {
        List<String> forms = forms(secret);
        return pages.entrySet().stream()
                .filter(page -> forms.stream().anyMatch(page.getValue()::contains))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** All pages that a job, its tasks and the cluster have, by path. */
    static Map<String, String> pages(FlinkRest rest, String job) {
        Map<String, String> pages = new TreeMap<>();
        for (String path :
                List.of(
                        "/config",
                        "/overview",
                        "/jars",
                        "/jobs",
                        "/jobs/metrics",
                        "/jobs/overview",
                        "/jobmanager/config",
                        "/jobmanager/environment",
                        "/jobmanager/logs",
                        "/jobmanager/thread-dump")) {
            add(pages, rest, path);
        }
        addMetrics(pages, rest, "/jobmanager/metrics");
        for (String taskManager : rest.taskManagers()) {
            String path = "/taskmanagers/" + taskManager;
            add(pages, rest, path);
            add(pages, rest, path + "/logs");
            add(pages, rest, path + "/thread-dump");
            addMetrics(pages, rest, path + "/metrics");
        }
        String path = "/jobs/" + job;
        JsonNode details = add(pages, rest, path);
        for (String page :
                List.of(
                        "/accumulators?includeSerializedValue=true",
                        "/checkpoints",
                        "/checkpoints/config",
                        "/config",
                        "/exceptions?maxExceptions=100",
                        "/jobmanager/config",
                        "/plan")) {
            add(pages, rest, path + page);
        }
        addMetrics(pages, rest, path + "/metrics");
        for (JsonNode vertex : details.path("vertices")) {
            String ofVertex = path + "/vertices/" + vertex.path("id").asText();
            add(pages, rest, ofVertex);
            add(pages, rest, ofVertex + "/accumulators");
            add(pages, rest, ofVertex + "/subtasks/accumulators");
            add(pages, rest, ofVertex + "/subtasktimes");
            add(pages, rest, ofVertex + "/taskmanagers");
            add(pages, rest, ofVertex + "/watermarks");
            addMetrics(pages, rest, ofVertex + "/metrics");
            addMetrics(pages, rest, ofVertex + "/subtasks/metrics");
            addMetrics(pages, rest, ofVertex + "/jm-operator-metrics");
        }
        return pages;
    }

    private static JsonNode add(Map<String, String> pages, FlinkRest rest, String path) {
        JsonNode page = rest.get(path);
        pages.put(path, page.toString());
        return page;
    }

    private static void addMetrics(Map<String, String> pages, FlinkRest rest, String path) {
        List<String> names = new ArrayList<>();
        for (JsonNode name : add(pages, rest, path)) {
            names.add(URLEncoder.encode(name.path("id").asText(), StandardCharsets.UTF_8));
        }
        for (int from = 0; from < names.size(); from += METRICS_AT_ONCE) {
            List<String> some = names.subList(from, Math.min(names.size(), from + METRICS_AT_ONCE));
            add(pages, rest, path + "?get=" + String.join(",", some));
        }
    }
}
