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

import io.v3io.client.V3ioException.Kind;

import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.TruncatedChunkException;

import javax.annotation.Nullable;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;

/**
 * Why an exchange has no usable answer.
 *
 * @param kind what it means to a caller
 * @param neverSent whether the server certainly has not seen the request
 * @param isRepeatable whether another attempt could end otherwise
 * @param what the failure in words, completing the sentence "... failed: "
 * @param words what the exception that caused it says, which may quote a server; empty if nothing
 *     is to be shown of it
 * @param advice what a person can do about it, in sentences; empty for what its kind advises
 * @param cause the exception that caused it, if any
 */
record TransportFailure(
        Kind kind,
        boolean neverSent,
        boolean isRepeatable,
        String what,
        String words,
        String advice,
        @Nullable Throwable cause) {

    static final String CHECK_SERVER =
            "Check host and port of the endpoint, that the server runs, and that nothing between it"
                    + " and this machine refuses (firewall, proxy).";

    /** Judges what the HTTP library reports; {@code sent} when the request may have left. */
    static TransportFailure of(Throwable cause, boolean sent) {
        boolean neverSent = !sent || cause instanceof RequestNotExecutedException;
        if (cause instanceof AnswerTooLargeException) {
            return new TransportFailure(
                    Kind.RESPONSE_TOO_LARGE, neverSent, false, cause.getMessage(), "", "", cause);
        }
        if (cause instanceof NotAdmittedException) {
            return new TransportFailure(
                    Kind.NOT_ADMITTED, false, false, cause.getMessage(), "", "", null);
        }
        if (cause instanceof AdmissionFaultException) {
            return new TransportFailure(
                    Kind.UNEXPECTED,
                    false,
                    false,
                    "the caller's admission of the answer has thrown "
                            + cause.getCause().getClass().getName(),
                    "",
                    "The cause is in the code that called the client.",
                    cause.getCause());
        }
        if (cause instanceof AnswerFaultException) {
            Throwable fault = cause.getCause();
            return new TransportFailure(
                    Kind.UNEXPECTED,
                    false,
                    false,
                    "the client could not take the answer (" + fault.getClass().getName() + ")",
                    "",
                    fault instanceof OutOfMemoryError
                            ? "Give the JVM more memory, or ask for less at once."
                            : "Neither the server nor the caller is to blame: please report it with"
                                    + " its stack trace.",
                    fault);
        }
        if (cause instanceof ProxyRefusalException refusal) {
            return new TransportFailure(
                    Kind.TRANSPORT,
                    true,
                    refusal.status() != 407,
                    "the proxy refused a tunnel to the server (status " + refusal.status() + ")",
                    "",
                    "Check the proxy, and that it lets this machine through to the endpoint's host"
                            + " and port.",
                    null);
        }
        if (isDistrust(cause)) {
            return new TransportFailure(
                    Kind.TRANSPORT,
                    neverSent,
                    false,
                    "the server's TLS certificate is not trusted",
                    words(cause),
                    "Set the trust store of its authority, or the host name that the certificate is"
                            + " for.",
                    cause);
        }
        if (isNotHttp(cause)) {
            // Neither its words nor itself: it quotes the bytes that it has stumbled over, and
            // these may be a part of a record.
            return new TransportFailure(
                    Kind.MALFORMED_RESPONSE,
                    neverSent,
                    true,
                    "the answer is not valid HTTP (" + cause.getClass().getSimpleName() + ")",
                    "",
                    "",
                    null);
        }
        return ofConnection(cause, neverSent);
    }

    /** Whether there was an answer, of which the client did not want the rest. */
    boolean hasAnswer() {
        return switch (kind) {
            case NOT_ADMITTED, RESPONSE_TOO_LARGE, UNEXPECTED -> true;
            default -> false;
        };
    }

    private static TransportFailure ofConnection(Throwable cause, boolean neverSent) {
        if (cause instanceof UnknownHostException) {
            return repeatable(
                    cause,
                    neverSent,
                    "the host name is unknown",
                    "Check the host name of the endpoint, and the name servers of this machine.");
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return repeatable(cause, neverSent, "no connection", CHECK_SERVER);
        }
        if (cause instanceof SSLException) {
            return repeatable(
                    cause,
                    neverSent,
                    "no TLS connection",
                    "Check that the endpoint's port speaks TLS; if it does not, the endpoint begins"
                            + " with http://.");
        }
        return neverSent
                ? repeatable(cause, true, "no connection", CHECK_SERVER)
                : repeatable(
                        cause,
                        false,
                        "the connection ended before the whole answer",
                        "If it happens again and again, look at the server, and at what is between"
                                + " it and this machine (gateway, load balancer, proxy).");
    }

    private static TransportFailure repeatable(
            Throwable cause, boolean neverSent, String what, String advice) {
        return new TransportFailure(
                Kind.TRANSPORT, neverSent, true, what, words(cause), advice, cause);
    }

    /** For a success that has lost its end, where only its content shows it. */
    static TransportFailure ofCutAnswer(String complaint) {
        return new TransportFailure(
                Kind.TRANSPORT,
                false,
                true,
                "the connection ended before the whole answer, which has announced no length and "
                        + complaint,
                "",
                "If it happens again and again, look at the server, and at what is between it and"
                        + " this machine (gateway, load balancer, proxy).",
                null);
    }

    private static boolean isNotHttp(Throwable cause) {
        return cause instanceof HttpException
                || cause instanceof MessageConstraintException
                || (cause instanceof MalformedChunkCodingException
                        && !(cause instanceof TruncatedChunkException));
    }

    private static boolean isDistrust(Throwable cause) {
        if (cause instanceof SSLPeerUnverifiedException) {
            return true;
        }
        if (!(cause instanceof SSLException)) {
            return false;
        }
        for (Throwable inner = cause.getCause(); inner != null; inner = inner.getCause()) {
            if (inner instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static String words(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : cause.getClass().getSimpleName() + ": " + message;
    }
}
