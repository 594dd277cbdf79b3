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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.V3ioLimits;
import io.v3io.client.wire.ListingPage.ListedDirectory;
import io.v3io.client.wire.ListingPage.ListedObject;

import javax.annotation.Nullable;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the XML of a listing. Document types and external entities are refused. */
@Internal
public final class ListingParser {

    private static final XMLInputFactory XML = secureFactory();
    private static final byte[] END = "ListBucketResult>".getBytes(StandardCharsets.US_ASCII);

    private final XMLStreamReader xml;
    private final List<ListedObject> objects = new ArrayList<>();
    private final List<ListedDirectory> directories = new ArrayList<>();
    private boolean isTruncated;
    @Nullable private String nextMarker;

    private ListingParser(XMLStreamReader xml) {
        this.xml = xml;
    }

    /** Reads a page; an {@link AnswerDecoder}. */
    public static ListingPage parse(byte[] body, int length) throws MalformedAnswerException {
        if (length == 0) {
            throw MalformedAnswerException.cut("has no body, but XML is needed");
        }
        try {
            XMLStreamReader xml =
                    XML.createXMLStreamReader(new ByteArrayInputStream(body, 0, length));
            try {
                return new ListingParser(xml).page();
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            // Without the parser's own words, which quote what they have stumbled over.
            Location location = e.getLocation();
            String complaint =
                    "is not valid XML"
                            + (location == null
                                    ? ""
                                    : " at line "
                                            + location.getLineNumber()
                                            + ", column "
                                            + location.getColumnNumber());
            throw endsWith(body, length, END)
                    ? new MalformedAnswerException(complaint)
                    : MalformedAnswerException.cut(complaint);
        }
    }

    private static boolean endsWith(byte[] body, int length, byte[] end) {
        int last = length;
        while (last > 0 && body[last - 1] <= ' ') {
            last--;
        }
        return last >= end.length
                && Arrays.equals(body, last - end.length, last, end, 0, end.length);
    }

    private ListingPage page() throws XMLStreamException, MalformedAnswerException {
        int event = xml.next();
        while (event != XMLStreamConstants.START_ELEMENT) {
            if (event == XMLStreamConstants.DTD) {
                throw new MalformedAnswerException("has a document type, which no listing has");
            }
            event = xml.next();
        }
        if (!xml.getLocalName().equals("ListBucketResult")) {
            throw new MalformedAnswerException("is XML but not a ListBucketResult");
        }
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            switch (xml.getLocalName()) {
                case "Contents" -> object();
                case "CommonPrefixes" -> directory();
                case "IsTruncated" -> isTruncated = Boolean.parseBoolean(text());
                case "NextMarker" -> nextMarker = text();
                default -> skip();
            }
        }
        while (xml.hasNext()) {
            xml.next();
        }
        if (isTruncated && (nextMarker == null || nextMarker.isEmpty())) {
            throw new MalformedAnswerException("is truncated but lacks a NextMarker");
        }
        return new ListingPage(objects, directories, isTruncated ? nextMarker : null);
    }

    private void object() throws XMLStreamException, MalformedAnswerException {
        String key = null;
        long lastSequenceId = 0;
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            switch (xml.getLocalName()) {
                case "Key" -> key = text();
                // The first as v3io-go reads it, the second as v3io-py does; no page shows it.
                case "LastSequenceId", "LastSequenceID" ->
                        lastSequenceId = number("LastSequenceId", Long.MAX_VALUE);
                default -> skip();
            }
        }
        if (key == null || key.isEmpty()) {
            throw new MalformedAnswerException("has Contents without a Key");
        }
        objects.add(new ListedObject(key, lastSequenceId));
    }

    private void directory() throws XMLStreamException, MalformedAnswerException {
        String prefix = null;
        long shardCount = 0;
        long retentionHours = 0;
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            switch (xml.getLocalName()) {
                case "Prefix" -> prefix = text();
                case "ShardCount" -> shardCount = number("ShardCount", V3ioLimits.MAX_SHARDS);
                case "RetentionPeriodHours" ->
                        retentionHours = number("RetentionPeriodHours", Integer.MAX_VALUE);
                default -> skip();
            }
        }
        String path = prefix == null ? "" : withoutTrailingSlash(prefix);
        if (path.isEmpty()) {
            throw new MalformedAnswerException("has CommonPrefixes without a Prefix");
        }
        directories.add(
                new ListedDirectory(
                        path,
                        shardCount == 0
                                ? null
                                : new StreamDescription((int) shardCount, (int) retentionHours)));
    }

    private String text() throws XMLStreamException {
        return xml.getElementText();
    }

    /** A number from 0; an empty element is 0. */
    private long number(String name, long max) throws XMLStreamException, MalformedAnswerException {
        String text = text().trim();
        if (text.isEmpty()) {
            return 0;
        }
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedAnswerException("has a " + name + " that is not an integer", e);
        }
        if (value < 0 || value > max) {
            throw new MalformedAnswerException(
                    "has a " + name + " outside of its range 0 to " + max);
        }
        return value;
    }

    private void skip() throws XMLStreamException {
        int depth = 1;
        while (depth > 0) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            }
        }
    }

    private static String withoutTrailingSlash(String prefix) {
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private static XMLInputFactory secureFactory() {
        // The JDK's own, whatever else is on the class path.
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }
}
