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

import org.apache.hc.client5.http.DnsResolver;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Looks names up, and begins at another one of their addresses each time, so that the connections
 * of a client are spread over all of them. The others follow, for when the first one is dead.
 * Addresses of the other family (IPv6 after IPv4, or the other way round) stay at the end: the
 * system has put them there because they may lead nowhere. Thread-safe.
 */
final class RotatingDns implements DnsResolver {

    private final DnsResolver resolver;
    private final AtomicInteger lookUps;

    /** The first look-up begins at this address, so that not all clients begin at one. */
    RotatingDns(DnsResolver resolver, int first) {
        this.resolver = resolver;
        this.lookUps = new AtomicInteger(first);
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = resolver.resolve(host);
        if (found == null || found.length < 2) {
            return found;
        }
        List<InetAddress> preferred = new ArrayList<>();
        List<InetAddress> others = new ArrayList<>();
        for (InetAddress address : found) {
            (address.getClass() == found[0].getClass() ? preferred : others).add(address);
        }
        Collections.rotate(preferred, Math.floorMod(lookUps.getAndIncrement(), preferred.size()));
        preferred.addAll(others);
        return preferred.toArray(InetAddress[]::new);
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        InetAddress[] addresses = resolve(host);
        return addresses == null
                ? List.of(InetSocketAddress.createUnresolved(host, port))
                : List.of(addresses).stream()
                        .map(address -> new InetSocketAddress(address, port))
                        .collect(Collectors.toList());
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return resolver.resolveCanonicalHostname(host);
    }
}
