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

package io.v3io.flink.benchmarks.emulator;

import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Measures GetRecords of an emulator that runs in another process: writes records of 1 KB into a
 * stream, one shard for each connection, then reads them over and over with a limit of 1,000 and
 * counts the bytes of the bodies. Bodies are received but not parsed, so the figure is the
 * emulator's and not a client's.
 *
 * <p>Arguments: endpoint, number of connections, seconds a round, number of rounds.
 */
public final class GetRecordsThroughput {
    private static final int RECORD_BYTES = 1024;
    private static final int RECORDS_PER_PUT = 1000;
    private static final int PUTS_PER_SHARD = 10;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final String STREAM = "/users/throughput";

    private final URI endpoint;
    private final int connections;
    private final HttpClient http = HttpClient.newHttpClient();

    private GetRecordsThroughput(URI endpoint, int connections) {
        this.endpoint = endpoint;
        this.connections = connections;
    }

    /** Prints a line a round. */
    public static void main(String[] args) throws Exception {
        if (args.length != 4) {
            System.err.println("arguments: endpoint connections seconds rounds");
            System.exit(2);
        }
        GetRecordsThroughput benchmark =
                new GetRecordsThroughput(URI.create(args[0]), Integer.parseInt(args[1]));
        benchmark.fill();
        int rounds = Integer.parseInt(args[3]);
        for (int round = 1; round <= rounds; round++) {
            benchmark.round(round, Integer.parseInt(args[2]));
        }
    }

    private void fill() throws IOException, InterruptedException {
        call("CreateStream", STREAM + "/", "{\"ShardCount\":" + connections + "}");
        long start = System.nanoTime();
        Random random = new Random(1);
        for (int shard = 0; shard < connections; shard++) {
            StringBuilder body = new StringBuilder("{\"Records\":[");
            for (int i = 0; i < RECORDS_PER_PUT; i++) {
                byte[] data = new byte[RECORD_BYTES];
                random.nextBytes(data);
                body.append(i == 0 ? "" : ",")
                        .append("{\"Data\":\"")
                        .append(Base64.getEncoder().encodeToString(data))
                        .append("\",\"ShardId\":")
                        .append(shard)
                        .append('}');
            }
            for (int put = 0; put < PUTS_PER_SHARD; put++) {
                call("PutRecords", STREAM + "/", body.append(put == 0 ? "]}" : "").toString());
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        int records = connections * PUTS_PER_SHARD * RECORDS_PER_PUT;
        System.out.printf(
                "put %d records of 1 KB one request at a time in %.2f s%n", records, seconds);
    }

    private String call(String function, String path, String body)
            throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(endpoint.resolve(path))
                                .PUT(HttpRequest.BodyPublishers.ofString(body))
                                .header("X-v3io-function", function)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300 && response.statusCode() != 409) {
            throw new IOException(
                    function + " answered " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private void round(int number, int seconds) throws Exception {
        List<Callable<long[]>> readers = new ArrayList<>();
        for (int shard = 0; shard < connections; shard++) {
            String path = STREAM + "/" + shard;
            String location =
                    new ObjectMapper()
                            .readTree(call("SeekShard", path, "{\"Type\":\"EARLIEST\"}"))
                            .get("Location")
                            .asText();
            readers.add(() -> read(path, location, TimeUnit.SECONDS.toNanos(seconds)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            long start = System.nanoTime();
            long bytes = 0;
            long answers = 0;
            for (Future<long[]> reader : threads.invokeAll(readers)) {
                bytes += reader.get()[0];
                answers += reader.get()[1];
            }
            double took = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "round %d: %d connections, %d answers, %.2f GB of bodies in %.2f s: %.2f GB/s%n",
                    number, connections, answers, bytes / 1e9, took, bytes / 1e9 / took);
        } finally {
            threads.shutdownNow();
        }
    }

    private long[] read(String path, String location, long nanos) throws IOException {
        String json = "{\"Location\":\"" + location + "\",\"Limit\":1000}";
        byte[] request =
                ("PUT "
                                + path
                                + " HTTP/1.1\r\nHost: x\r\nX-v3io-function: GetRecords\r\nContent-Length: "
                                + json.length()
                                + "\r\n\r\n"
                                + json)
                        .getBytes(StandardCharsets.US_ASCII);
        long bytes = 0;
        long answers = 0;
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(endpoint.getHost(), endpoint.getPort()))) {
            channel.socket().setTcpNoDelay(true);
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            long end = System.nanoTime() + nanos;
            while (System.nanoTime() < end) {
                ByteBuffer sent = ByteBuffer.wrap(request);
                while (sent.hasRemaining()) {
                    channel.write(sent);
                }
                bytes += receive(channel, buffer);
                answers++;
            }
        }
        return new long[] {bytes, answers};
    }

    /** Receives one answer and returns the bytes of its body. */
    private static long receive(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        int head = -1;
        while (head < 0) {
            readSome(channel, buffer);
            head = endOfHead(buffer);
        }
        byte[] bytes = new byte[head];
        buffer.get(0, bytes);
        String text = new String(bytes, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        if (!text.startsWith("http/1.1 200")) {
            throw new IOException("the emulator answered " + text);
        }
        int field = text.indexOf("content-length: ") + "content-length: ".length();
        long length = Long.parseLong(text.substring(field, text.indexOf('\r', field)));
        long left = length - (buffer.position() - head);
        while (left > 0) {
            buffer.clear();
            left -= readSome(channel, buffer);
        }
        return length;
    }

    private static int endOfHead(ByteBuffer buffer) {
        for (int i = 3; i < buffer.position(); i++) {
            if (buffer.get(i) == '\n' && buffer.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int readSome(SocketChannel channel, ByteBuffer buffer) throws IOException {
        int read = channel.read(buffer);
        if (read < 0) {
            throw new EOFException("the emulator closed the connection");
        }
        return read;
    }
}
