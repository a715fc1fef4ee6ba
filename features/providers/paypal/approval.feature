@payments @pci-6.2.4 @cwe-841 @cwe-840 @asvs-V2.3.1 @wstg-BUSL-06
Feature: An approval is not a payment

  At PayPal the buyer approves, and then the shop has to take the money. Between the two lies everything that goes wrong:
  approvals that nobody captures, captures that wait for weeks, orders that are complete although the card was declined.

  @critical @defect-F05 @simulator-only
  Scenario: What was approved and never taken is not paid
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And every held event is lost
    Then the order stays unpaid
    And nothing is fulfilled
    And the books show no movement

  @critical @defect-W20
  Scenario: Who approves and closes the window has paid
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider

  @critical @defect-W20 @simulator-only
  Scenario: Who approves and comes back has paid, whatever becomes of the events
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop
    And every held event is lost
    Then the order is paid
    And the provider counts 1 capture

  @critical @defect-F05 @defect-W20 @simulator-only
  Scenario: An approval whose money cannot be taken is not paid, until it is
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to complete a payment meets an error of the provider
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop
    Then the order stays unpaid
    And nothing is fulfilled
    When the provider is back
    And the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture

  @critical @defect-R09 @defect-W24 @simulator-only
  Scenario: Coming back and the event at the same moment are one capture
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop while the held events arrive
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider

  @high @defect-F05 @simulator-only
  Scenario: An approval that lapses costs nobody anything
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And 4 hours pass
    And every held event is lost
    And the operator reconciles with the provider
    Then the order stays unpaid
    And the provider counts 0 captures
    And nothing is fulfilled

  @high @defect-F09 @simulator-only
  Scenario: Turning back from PayPal's page pays for nothing, and the order can still be paid
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper turns back from the provider's page
    And the shopper comes back to the shop
    And the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture

  @high @defect-R04 @simulator-only
  Scenario: A means of payment that PayPal refuses is not the end of the order
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a card that is declined
    And the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

  @critical @defect-F04
  Scenario Outline: A complete order whose card was declined is not paid (<card>)
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order stays unpaid
    And nothing is fulfilled
    And the books show no movement

    Examples:
      | card                                     |
      | a card that is declined                  |
      | a card declined for insufficient funds   |
      | an expired card                          |
      | a card reported stolen                   |

  @critical @defect-F04 @simulator-only
  Scenario: A capture that waits is not paid, until it is
    Given the provider holds every payment for review
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    Then the order stays unpaid
    And nothing is fulfilled
    When the provider completes the payment that waits
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @critical @defect-F04 @simulator-only
  Scenario: A capture that waits and is denied was never paid
    Given the provider holds every payment for review
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the provider denies the payment that waits
    Then the order stays unpaid
    And nothing is fulfilled
    And the books show no movement

  @critical @defect-B06 @simulator-only
  Scenario: A card that its bank does not stand for is not charged
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper fails the bank's check
    Then the order stays unpaid
    And nothing is fulfilled
    And the provider counts 0 captures
