/**
 * The one module of a host: `<script type="module" src="…/ui/annals-log.js">` defines all
 * elements.
 */
export { addMessages } from "./messages/words";
export { AnnalsEvent } from "./components/event/event.component";
export { AnnalsHealth } from "./components/health/health.component";
export { AnnalsLog } from "./components/log/log.component";
export { AnnalsResources } from "./components/resources/resources.component";
import "./components/actor/register";
import "./components/changes/register";
import "./components/combobox/register";
import "./components/event/register";
import "./components/events/register";
import "./components/export/register";
import "./components/filters/register";
import "./components/health/register";
import "./components/histogram/register";
import "./components/log/register";
import "./components/message/register";
import "./components/more/register";
import "./components/panel/register";
import "./components/proof/register";
import "./components/range/register";
import "./components/resources/register";
import "./components/search/register";
import "./components/table/register";
import "./components/timeline/register";
