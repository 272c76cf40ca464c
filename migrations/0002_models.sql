CREATE TABLE "models" (
	"name" text NOT NULL,
	"version" text NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "models_name_version_pk" PRIMARY KEY("name","version"),
	CONSTRAINT "models_name_given" CHECK ("models"."name" <> ''),
	CONSTRAINT "models_version_format" CHECK ("models"."version" ~ '^[0-9]+[.][0-9]+[.][0-9]+$'),
	CONSTRAINT "models_sha256_format" CHECK ("models"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE INDEX "predictions_version_history" ON "predictions" USING btree ("model_version","created_at","id");--> statement-breakpoint
CREATE INDEX "predictions_label_history" ON "predictions" USING btree ("label","created_at","id");--> statement-breakpoint
CREATE INDEX "predictions_risk_history" ON "predictions" USING btree ("risk","created_at","id");--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_predictions_counted" CHECK ("erasures"."predictions" >= 0);--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_label_given" CHECK ("outcomes"."label" <> '');--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_identifier_positive" CHECK ("predictions"."identifier" > 0);--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_label_given" CHECK ("predictions"."label" <> '');--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_risk_given" CHECK ("predictions"."risk" <> '');--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_input_object" CHECK (jsonb_typeof("predictions"."input") = 'object');--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_warnings_array" CHECK (jsonb_typeof("predictions"."warnings") = 'array');