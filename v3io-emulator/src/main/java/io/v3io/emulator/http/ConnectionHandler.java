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

package io.v3io.emulator.http;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection: answers its requests one after the other, in their order, also when they were
 * pipelined or answers come late. All methods run on the connection's event loop.
 */
// Netty's writes return futures; what goes wrong with them ends the connection, which
// channelInactive sees.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    private static final int MAX_PIPELINED = 16;

    private final RequestHandler handler;
    private final Deque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean answering;

    ConnectionHandler(RequestHandler handler) {
        this.handler = handler;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        waiting.add((FullHttpRequest) message);
        if (answering) {
            ctx.channel().config().setAutoRead(waiting.size() < MAX_PIPELINED);
        } else {
            answerNext(ctx);
        }
    }

    private void answerNext(ChannelHandlerContext ctx) {
        FullHttpRequest message = waiting.poll();
        if (message == null || !ctx.channel().isActive()) {
            ReferenceCountUtil.release(message);
            return;
        }
        answering = true;
        boolean keepAlive = HttpUtil.isKeepAlive(message) && message.decoderResult().isSuccess();
        boolean head = HttpMethod.HEAD.equals(message.method());
        CompletableFuture<Answer> answer;
        try {
            answer = answer(message);
        } finally {
            message.release();
        }
        answer.whenComplete(
                (result, failure) -> {
                    Answer sent = failure == null ? result : Answer.of(internalError(failure));
                    if (sent.delay().isZero() && ctx.executor().inEventLoop()) {
                        deliver(ctx, sent, keepAlive, head);
                    } else {
                        schedule(ctx, sent, keepAlive, head);
                    }
                });
    }

    private void schedule(
            ChannelHandlerContext ctx, Answer answer, boolean keepAlive, boolean head) {
        ctx.executor()
                .schedule(
                        () -> deliver(ctx, answer, keepAlive, head),
                        answer.delay().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private CompletableFuture<Answer> answer(FullHttpRequest message) {
        if (!message.decoderResult().isSuccess()) {
            return answer(
                    ApiException.invalidArgument(
                            "not HTTP: " + message.decoderResult().cause().getMessage()));
        }
        try {
            Request request =
                    new Request(
                            message.method(),
                            RequestTarget.parse(message.uri()),
                            message.headers(),
                            ByteBufUtil.getBytes(message.content()));
            return handler.handle(request);
        } catch (ApiException e) {
            return answer(e);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletableFuture<Answer> answer(ApiException e) {
        return CompletableFuture.completedFuture(Answer.of(Response.error(e)));
    }

    private static Response internalError(Throwable failure) {
        LOG.error("A request failed inside the emulator", failure);
        return Response.error(new ApiException(ApiError.INTERNAL, failure.toString()));
    }

    private void deliver(
            ChannelHandlerContext ctx, Answer answer, boolean keepAlive, boolean head) {
        if (!ctx.channel().isActive()) {
            answer.response().body().release();
            return;
        }
        switch (answer.delivery()) {
            case NORMAL -> send(ctx, answer.response(), keepAlive, head);
            case RESET -> {
                answer.response().body().release();
                HttpServer.resetOnClose(ctx.channel());
                ctx.close();
            }
            case CUT -> cut(ctx, answer.response());
            case NEVER -> answer.response().body().release();
        }
    }

    private void send(
            ChannelHandlerContext ctx, Response response, boolean keepAlive, boolean head) {
        ByteBuf body = response.body();
        int length = body.readableBytes();
        if (head) {
            body.release();
            body = Unpooled.EMPTY_BUFFER;
        }
        FullHttpResponse message =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), body);
        setHeaders(message, response, length);
        HttpUtil.setKeepAlive(message, keepAlive);
        // One write at a time is on its way, so a client that does not read cannot fill our memory.
        ctx.writeAndFlush(message)
                .addListener(
                        (ChannelFutureListener)
                                written -> {
                                    if (!keepAlive || !written.isSuccess()) {
                                        ctx.close();
                                    } else {
                                        answering = false;
                                        ctx.channel().config().setAutoRead(true);
                                        answerNext(ctx);
                                    }
                                });
    }

    private static void setHeaders(HttpResponse message, Response response, int length) {
        HttpHeaders headers = message.headers();
        response.headers().forEach(headers::set);
        boolean never = response.status() == HttpResponseStatus.NO_CONTENT.code();
        if (!never && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }

    /** A response that says how long it is, and then ends in the middle. */
    private static void cut(ChannelHandlerContext ctx, Response response) {
        ByteBuf body = response.body();
        DefaultHttpResponse message =
                new DefaultHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()));
        setHeaders(message, response, body.readableBytes());
        ctx.write(message);
        ctx.writeAndFlush(body.writerIndex(body.readerIndex() + body.readableBytes() / 2))
                .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("A client has gone", cause);
        } else {
            LOG.warn("A connection failed", cause);
        }
        ctx.close();
    }
}
