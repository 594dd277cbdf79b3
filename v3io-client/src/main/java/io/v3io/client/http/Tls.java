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

import io.v3io.client.V3ioClientConfig;

import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;

import javax.annotation.Nullable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;

/** Decides whose certificates a client trusts. */
final class Tls {

    private Tls() {}

    /**
     * Trusts whom the settings say.
     *
     * @throws IllegalArgumentException if the trust store cannot be read
     */
    static TlsStrategy strategy(V3ioClientConfig config) {
        ClientTlsStrategyBuilder builder = ClientTlsStrategyBuilder.create();
        if (config.insecureSkipTlsVerification()) {
            return builder.setSslContext(context(new TrustManager[] {new TrustAll()}))
                    .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                    .buildAsync();
        }
        config.trustStoreFile()
                .ifPresent(
                        file ->
                                builder.setSslContext(
                                        context(
                                                trustStore(
                                                        file,
                                                        config.trustStoreType(),
                                                        config.trustStorePassword().orElse(null),
                                                        config.settingName("setTrustStore")))));
        // Host names are verified by default.
        return builder.buildAsync();
    }

    private static TrustManager[] trustStore(
            Path file, String type, @Nullable String password, String setting) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(type);
            store.load(in, password == null ? null : password.toCharArray());
            if (store.size() == 0) {
                throw new IllegalArgumentException(
                        "The trust store '"
                                + file
                                + "' holds no certificate that can be read: check "
                                + setting
                                + ".");
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "The trust store '"
                            + file
                            + "' of type "
                            + type
                            + " cannot be read ("
                            + e.getClass().getSimpleName()
                            + "): is it there, of that type, and is its password right? Each machine of a job needs"
                            + " it: check "
                            + setting
                            + ".");
        }
    }

    private static SSLContext context(TrustManager[] trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM has no TLS.", e);
        }
    }

    /** What {@code insecureSkipTlsVerification} says. */
    private static final class TrustAll extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            // Not a server.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // Not a server.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // Not a server.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // The user has asked not to check.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // The user has asked not to check.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // The user has asked not to check.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
