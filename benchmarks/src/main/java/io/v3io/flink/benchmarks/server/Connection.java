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

package io.v3io.flink.benchmarks.server;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One request after another, each answered before the next is read; clients here do not pipeline.
 * Confined to its worker's thread.
 */
final class Connection {

    private static final int HEAD_BYTES = 64 * 1024;

    /** What a PutRecords body has besides its records, less the comma that the last one lacks. */
    private static final int PUT_FRAME_BYTES = "{\"Records\":[]}".length() - 1;

    private final Worker worker;
    private final SocketChannel channel;
    private final SelectionKey key;

    /** The head of a request, and what came with it. */
    private final byte[] headBytes = new byte[HEAD_BYTES];

    private final ByteBuffer head = ByteBuffer.wrap(headBytes);

    private final ByteBuffer small = ByteBuffer.allocateDirect(PutRecordsAnswer.maxBytes());

    /** Null while the head is not complete. */
    @Nullable private RequestHead request;

    private int bodyBytesLeft;

    /** Takes the body of a plain object; null if there is none. */
    @Nullable private ByteBuffer object;

    private long dueNanos;
    @Nullable private Worker.Answers answers;
    @Nullable private ByteBuffer out;

    Connection(Worker worker, SocketChannel channel, SelectionKey key) {
        this.worker = worker;
        this.channel = channel;
        this.key = key;
    }

    long dueNanos() {
        return dueNanos;
    }

    void serve() {
        try {
            if (out != null) {
                write();
            } else {
                read();
            }
        } catch (IOException e) {
            // The other side is gone, as at the end of every measurement.
            close();
        }
    }

    void answerNow() {
        try {
            write();
        } catch (IOException e) {
            close();
        }
    }

    private void read() throws IOException {
        while (true) {
            ByteBuffer target = head;
            if (object != null) {
                target = object;
            } else if (request != null && !request.bodyIsRead()) {
                target = worker.scratch().clear();
                target.limit(Math.min(target.capacity(), bodyBytesLeft));
            }
            int count = channel.read(target);
            if (count < 0) {
                close();
                return;
            }
            if (count == 0) {
                return;
            }
            if (request == null) {
                request = RequestHead.parse(headBytes, head.position());
                if (request == null) {
                    continue;
                }
                int bodyBytesHere = head.position() - request.headBytes();
                bodyBytesLeft = request.contentLength() - bodyBytesHere;
                if (request.isObjectPut()) {
                    object =
                            worker.objects()
                                    .create(request.path(), request.contentLength())
                                    .content()
                                    .put(headBytes, request.headBytes(), bodyBytesHere);
                }
            } else {
                bodyBytesLeft -= count;
            }
            if (bodyBytesLeft == 0) {
                answer(request);
                return;
            }
        }
    }

    private void answer(RequestHead complete) throws IOException {
        object = null;
        String body = "";
        if (complete.bodyIsRead()) {
            body =
                    new String(
                            headBytes,
                            complete.headBytes(),
                            complete.contentLength(),
                            StandardCharsets.US_ASCII);
        }
        request = null;
        head.clear();
        prepare(complete, body);
        long delayNanos = worker.settings().delay().toNanos();
        if (delayNanos > 0) {
            dueNanos = System.nanoTime() + delayNanos;
            key.interestOps(0);
            worker.delay(this);
        } else {
            write();
        }
    }

    private void prepare(RequestHead complete, String body) throws IOException {
        out = small;
        switch (complete.function()) {
            case "GetRecords" -> {
                answers =
                        worker.answers(
                                Math.toIntExact(RequestHead.number(body, "\"Limit\"", 1_000)));
                out = answers.from(RequestHead.location(body));
            }
            case "PutRecords" -> {
                int recordBytes = worker.settings().putRecordBytes() + 1;
                int bytes = complete.contentLength() - PUT_FRAME_BYTES;
                if (bytes % recordBytes != 0) {
                    text("400 Bad Request", "Records are not as large as they should be.");
                    return;
                }
                worker.statistics().answered(bytes / recordBytes);
                PutRecordsAnswer.fill(small, bytes / recordBytes);
            }
            case "Seek", "SeekShard" ->
                    text(
                            "200 OK",
                            "{\"Location\":\""
                                    + GetRecordsAnswer.location(
                                            RequestHead.number(
                                                    body,
                                                    "\"StartingSequenceNumber\":",
                                                    GetRecordsAnswer.FIRST_NUMBER))
                                    + "\"}");
            case "DescribeStream" ->
                    text(
                            "200 OK",
                            String.format(
                                    Locale.ROOT,
                                    "{\"ShardCount\":%d,\"RetentionPeriodHours\":24}",
                                    worker.settings().shards()));
            case "" -> plain(complete);
            case "Statistics" -> text("200 OK", worker.statistics().toText());
            default -> text("404 Not Found", "{\"ErrorCode\":-2,\"ErrorMessage\":\"Not canned\"}");
        }
    }

    /** A plain object, or a listing. */
    private void plain(RequestHead complete) throws IOException {
        switch (complete.method()) {
            case "PUT" -> text("200 OK", "");
            case "DELETE" -> {
                worker.objects().delete(complete.path());
                text("204 No Content", "");
            }
            default -> {
                if (complete.prefix().isEmpty()) {
                    object(worker.objects().get(complete.path()));
                } else {
                    listing(complete.prefix());
                }
            }
        }
    }

    /** All shards of a stream have records, so that a reader does not start at number 1. */
    private void listing(String prefix) {
        StringBuilder xml = new StringBuilder("<ListBucketResult>");
        for (int shard = 0; shard < worker.settings().shards(); shard++) {
            xml.append("<Contents><Key>").append(prefix).append(shard);
            xml.append("</Key><LastSequenceId>").append(GetRecordsAnswer.LAST_NUMBER);
            xml.append("</LastSequenceId></Contents>");
        }
        text("200 OK", xml.append("</ListBucketResult>").toString());
    }

    private void object(@Nullable StoredObjects.StoredObject stored) {
        if (stored == null) {
            text("404 Not Found", "{\"ErrorCode\":-2,\"ErrorMessage\":\"No such object\"}");
            return;
        }
        out = stored.after(start("200 OK", "application/octet-stream", stored.length()));
    }

    private void text(String status, String body) {
        byte[] start = start(status, "application/json", body.length());
        out =
                ByteBuffer.allocate(start.length + body.length())
                        .put(start)
                        .put(body.getBytes(StandardCharsets.US_ASCII))
                        .flip();
    }

    private static byte[] start(String status, String type, int length) {
        return ("HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: "
                        + type
                        + "\r\nContent-Length: "
                        + length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void write() throws IOException {
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                key.interestOps(SelectionKey.OP_WRITE);
                return;
            }
        }
        release();
        if (key.interestOps() != SelectionKey.OP_READ) {
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private void release() {
        if (answers != null) {
            answers.giveBack(out);
            answers = null;
        }
        out = null;
    }

    private void close() {
        release();
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("A connection cannot be closed.", e);
        }
    }
}
