// React 19 hands properties and events to elements as they are.
import { createRoot } from "react-dom/client";
import { getToken } from "../token.js";

function AuditLog({ workspace, onOpen }) {
  return <annals-log workspace={workspace} getToken={getToken} onannals-open-resource={onOpen} />;
}

const open = ({ detail: { type, id } }) => console.log(`a click on ${type} ${id}`);
createRoot(document.getElementById("app")).render(<AuditLog workspace="acme" onOpen={open} />);
