ALTER TABLE "outcomes" ALTER COLUMN "label" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "label" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "probability" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "threshold" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "risk" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "outcomes" ADD COLUMN "value" double precision;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "probabilities" jsonb;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "value" double precision;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "unit" text;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "interval" jsonb;--> statement-breakpoint
CREATE INDEX "predictions_value_history" ON "predictions" USING btree ("value","created_at","id") WHERE "predictions"."value" is not null;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_one_given" CHECK (num_nonnulls("outcomes"."label", "outcomes"."value") = 1);--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_value_finite" CHECK ("outcomes"."value" between -1.7976931348623157e308 and 1.7976931348623157e308);--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_outcome_whole" CHECK (case when "predictions"."value" is not null then "predictions"."label" is null and "predictions"."probability" is null and "predictions"."threshold" is null and "predictions"."probabilities" is null
        when "predictions"."probabilities" is not null then "predictions"."label" is not null and "predictions"."probability" is not null and "predictions"."threshold" is null
        else "predictions"."label" is not null and "predictions"."probability" is not null and "predictions"."threshold" is not null and "predictions"."risk" is not null end);--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_value_finite" CHECK ("predictions"."value" between -1.7976931348623157e308 and 1.7976931348623157e308);--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_probabilities_object" CHECK (jsonb_typeof("predictions"."probabilities") = 'object');--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_interval_object" CHECK (jsonb_typeof("predictions"."interval") = 'object');