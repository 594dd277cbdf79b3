/**
 * The HTTP/1.1 server: connections, requests and how answers are delivered, delayed, cut or reset.
 * It knows nothing about streams; what a request means is the business of a {@link
 * io.v3io.emulator.http.RequestHandler}.
 */
package io.v3io.emulator.http;
