/**
 * Messages as they were captured or documented by the ecosystems themselves, for the adapters' tests. Values only; each
 * with the address where it stands.
 */
interface Captured {
  readonly topic: string;
  readonly payload: string;
}

/** https://github.com/thingsboard/thingsboard.github.io/tree/master/docs/reference/resources */
export const THINGSBOARD_OBJECT: Captured = {
  topic: 'v1/devices/me/telemetry',
  payload: '{"key1":"value1", "key2":true, "key3": 3.0, "key4": 4}',
};
/** https://github.com/thingsboard/thingsboard.github.io/blob/master/docs/reference/resources/telemetry-data-with-ts.json */
export const THINGSBOARD_TIMED: Captured = {
  topic: 'v1/devices/me/telemetry',
  payload: '{"ts":1451649600512, "values":{"key1":"value1", "key2":"value2"}}',
};
/** https://thingsboard.io/docs/reference/mqtt-api/#telemetry-upload-api */
export const THINGSBOARD_LIST: Captured = {
  topic: 'v1/devices/me/telemetry',
  payload: '[{"key1":"value1"}, {"key2":true}]',
};
/** https://github.com/thingsboard/thingsboard.github.io/blob/master/_includes/docs/reference/gateway-mqtt-api.md */
export const THINGSBOARD_GATEWAY: Captured = {
  topic: 'v1/gateway/telemetry',
  payload: `{"Device A":[{"ts":1483228800000,"values":{"temperature":42,"humidity":80}},
    {"ts":1483228801000,"values":{"temperature":43,"humidity":82}}],
    "Device B":[{"ts":1483228800000,"values":{"temperature":42,"humidity":80}}]}`,
};
/** Same page. */
export const THINGSBOARD_CONNECT: Captured = {
  topic: 'v1/gateway/connect',
  payload: '{"device": "Device A", "type": "Sensor A"}',
};
/** Same page. */
export const THINGSBOARD_DISCONNECT: Captured = { topic: 'v1/gateway/disconnect', payload: '{"device": "Device A"}' };
/** Same page. */
export const THINGSBOARD_ATTRIBUTES: Captured = {
  topic: 'v1/gateway/attributes',
  payload: '{"Device A": { "fw_version": "1.0", "battery": 87 }}',
};

/** A Dragino LT22222 behind ChirpStack v4: https://github.com/BenAhrdt/ioBroker.lorawan/blob/main/main.js */
export const CHIRPSTACK_UP: Captured = {
  topic: 'application/d63c10b6-9263-4ab3-9299-4308fa19a2ad/device/a8404127a188d826/event/up',
  payload: JSON.stringify({
    deduplicationId: 'bd3fdb3b-af86-4617-b9f2-da07075d2bc5',
    time: '2024-01-24T16:47:01.573381+00:00',
    deviceInfo: {
      tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
      tenantName: 'ChirpStack',
      applicationId: 'd63c10b6-9263-4ab3-9299-4308fa19a2ad',
      deviceProfileName: 'Dragino LT22222',
      devEui: 'a8404127a188d826',
      deviceClassEnabled: 'CLASS_C',
      tags: {},
    },
    devAddr: '01dfbaf2',
    adr: true,
    dr: 5,
    fCnt: 12,
    fPort: 2,
    confirmed: false,
    data: 'AAAAAAAAAAA8/0E=',
    object: {
      RO1_status: 'OFF',
      DO2_status: 'H',
      ACI2_mA: 0.0,
      DO1_status: 'H',
      Hardware_mode: 'LT22222',
      RO2_status: 'OFF',
      AVI2_V: 0.0,
      ACI1_mA: 0.0,
      DI1_status: 'H',
      DI2_status: 'H',
      Work_mode: '2ACI+2AVI',
      AVI1_V: 0.0,
    },
    rxInfo: [
      {
        gatewayId: '50303541b0344750',
        uplinkId: 57857,
        gwTime: '2024-01-24T16:47:01.573381+00:00',
        rssi: -54,
        snr: 8.5,
        channel: 6,
        crcStatus: 'CRC_OK',
      },
    ],
    txInfo: { frequency: 867700000 },
  }),
};
/** https://github.com/chirpstack/chirpstack-docs/blob/master/src/chirpstack/integrations/events.md */
export const CHIRPSTACK_STATUS: Captured = {
  topic: 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/status',
  payload: JSON.stringify({
    deduplicationId: 'bf2a9746-1c8b-49be-a92e-f0b89c8534e4',
    time: '2022-07-18T09:35:06.927172638+00:00',
    deviceInfo: { applicationId: '17c82e96-be03-4f38-aef3-f83d48582d97', devEui: '0101010101010101' },
    margin: 10,
    batteryLevel: 88.3,
  }),
};
/** Same page: without a codec there is no `object`. */
export const CHIRPSTACK_UP_WITHOUT_CODEC: Captured = {
  topic: 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up',
  payload: JSON.stringify({
    deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
    time: '2022-07-18T09:34:15.775023242+00:00',
    deviceInfo: { devEui: '0101010101010101', tags: { key: 'value' } },
    devAddr: '00189440',
    dr: 1,
    fPort: 1,
    data: 'qg==',
    rxInfo: [{ gatewayId: '0016c001f153a14c', uplinkId: 4217106255, rssi: -36, snr: 10.5 }],
  }),
};
/** Same page. */
export const CHIRPSTACK_LOG: Captured = {
  topic: 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/log',
  payload: JSON.stringify({
    time: '2022-07-18T09:39:57.311414029+00:00',
    deviceInfo: { devEui: '0101010101010101' },
    level: 'ERROR',
    code: 'UPLINK_MIC',
    description: 'MIC of join-request is invalid, make sure keys are correct',
  }),
};

/** A Kwikset lock, captured by its owner: https://github.com/Koenkk/zigbee2mqtt/issues/22779 */
export const ZIGBEE_LOCK: Captured = {
  topic: 'zigbee2mqtt/0x002446fffd038aa7',
  payload:
    '{"action":"manual_unlock","action_source":2,"action_source_name":"manual","action_user":65535,"battery":70,' +
    '"last_seen":"2025-08-07T22:10:54+00:00","linkquality":112,"lock_state":"locked","sound_volume":"silent_mode",' +
    '"state":"LOCK","voltage":5000}',
};
/** Same issue: the attribute once more, as plain text. */
export const ZIGBEE_LOCK_ACTION: Captured = {
  topic: 'zigbee2mqtt/0x002446fffd038aa7/action',
  payload: 'manual_unlock',
};
/** A Yale lock: https://github.com/Koenkk/zigbee-herdsman-converters/issues/647 */
export const ZIGBEE_YALE: Captured = {
  topic: 'zigbee2mqtt/0x000d6f0010fa0510',
  payload: '{"state":"LOCK","linkquality":94,"battery":95,"user":65535,"source":2}',
};
/** https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html#zigbee2mqtt-friendly-name */
export const ZIGBEE_SWITCH: Captured = { topic: 'zigbee2mqtt/kitchen/floor_light', payload: '{"action": "single"}' };
/** https://www.zigbee2mqtt.io/guide/configuration/device-availability.html#availability-payload */
export const ZIGBEE_AVAILABILITY: Captured = { topic: 'zigbee2mqtt/my_bulb/availability', payload: 'online' };
/** Same page. */
export const ZIGBEE_AVAILABILITY_JSON: Captured = {
  topic: 'zigbee2mqtt/my_bulb/availability',
  payload: '{"state":"offline"}',
};
/** https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html#zigbee2mqtt-bridge-logging */
export const ZIGBEE_BRIDGE: Captured = {
  topic: 'zigbee2mqtt/bridge/logging',
  payload: '{"level": "info", "message": "Zigbee: allowing new devices to join."}',
};

/** https://www.home-assistant.io/integrations/binary_sensor.mqtt/#full-configuration-with-json-data */
export const HA_AVAILABILITY: Captured = { topic: 'home-assistant/window/availability', payload: 'online' };
/** Same page. */
export const HA_CONTACT: Captured = { topic: 'home-assistant/window/contact', payload: '{"state":"ON"}' };
/** https://www.home-assistant.io/integrations/sensor.mqtt/#get-sensor-value-from-a-device-with-espeasy */
export const HA_STATUS: Captured = { topic: 'home/bathroom/status', payload: 'Connected' };
/** Same page. */
export const HA_BRIGHTNESS: Captured = { topic: 'home/bathroom/analog/brightness', payload: '290.00' };
/** https://www.home-assistant.io/integrations/sensor.mqtt/#temperature-and-humidity-sensors */
export const HA_OBJECT: Captured = { topic: 'office/sensor1', payload: '{"temperature": 23.20, "humidity": 43.70}' };

/** https://homieiot.github.io/specification/ (5.0: the same examples below `homie/5/`) */
export const HOMIE_PROPERTY: Captured = { topic: 'homie/5/super-car/engine/temperature', payload: '21.5' };
/** Same page. */
export const HOMIE_STATE: Captured = { topic: 'homie/5/super-car/$state', payload: 'ready' };
/** Same page. */
export const HOMIE_BOOLEAN: Captured = { topic: 'homie/5/kitchen-light/light/power', payload: 'true' };
/** Same page: a command. */
export const HOMIE_SET: Captured = { topic: 'homie/5/kitchen-light/light/power/set', payload: 'true' };
