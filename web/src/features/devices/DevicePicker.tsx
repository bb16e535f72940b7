import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DevicePicker as Model } from "../../state/media";
import { Select } from "../../ui/Select";

type DevicePickerProps = {
  kind: "camera" | "microphone" | "speaker";
  picker: Model;
  icon: ReactNode;
};

const UNNAMED = {
  camera: "preJoin.unnamedCamera",
  microphone: "preJoin.unnamedMicrophone",
  speaker: "preJoin.unnamedSpeaker",
} as const;

/** Chooses one device of a kind. Devices without a name yet are numbered. */
export function DevicePicker({ kind, picker, icon }: DevicePickerProps) {
  const { t } = useTranslation();
  const { devices, selectedId, select } = picker;
  const named = devices.map((device, index) => ({
    value: device.id,
    text: device.label === "" ? t(UNNAMED[kind], { n: index + 1 }) : device.label,
  }));
  const isKnown = devices.some((device) => device.id === selectedId);
  // There is a way back to what the system uses; a camera has none, the system's is simply one of them.
  const options = isKnown && kind === "camera"
    ? named
    : [{ value: "", text: t(devices.length === 0 && kind !== "speaker" ? "preJoin.noDevice" : "preJoin.defaultDevice") }, ...named];
  return (
    <Select
      label={t(`preJoin.${kind}`)}
      icon={icon}
      value={isKnown && selectedId !== null ? selectedId : ""}
      options={options}
      disabled={select === undefined || devices.length === 0}
      onChange={(id) => select?.(id)}
    />
  );
}
