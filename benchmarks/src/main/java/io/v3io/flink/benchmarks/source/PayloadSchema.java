package io.v3io.flink.benchmarks.source;

import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;

/** Elements are the payloads as they are. */
public final class PayloadSchema extends AbstractDeserializationSchema<byte[]> {

    private static final long serialVersionUID = 1L;

    @Override
    public byte[] deserialize(byte[] message) {
        return message;
    }
}
